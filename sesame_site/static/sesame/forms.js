// Forms without surprises: what was refused is in view, and a long form with changes is not left by accident.
(() => {
  const errors = document.getElementById("errors");
  if (errors) {
    errors.focus();
    errors.scrollIntoView({ block: "start" });
  }
  for (const form of document.querySelectorAll("form[data-warn]")) {
    let changed = Boolean(errors);
    form.addEventListener("input", () => { changed = true; });
    form.addEventListener("submit", () => { changed = false; });
    window.addEventListener("beforeunload", (event) => {
      if (changed) event.preventDefault();
    });
  }
})();
