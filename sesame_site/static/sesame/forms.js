// Forms without surprises: what was refused is in view, a long form with changes is not left by accident, and one that
// was open while its user signed in elsewhere can still be sent.
(() => {
  "use strict";
  const errors = document.getElementById("errors");
  if (errors) {
    errors.focus();
    errors.scrollIntoView({ block: "start" });
  }

  // The key that proves a form to be ours changes with each signing in; the browser keeps the one that holds.
  document.addEventListener("submit", (event) => {
    const proof = event.target.elements.namedItem("csrfmiddlewaretoken");
    const kept = document.cookie.match(/(?:^|; )csrftoken=([^;]+)/);
    if (proof && kept) proof.value = kept[1];
  });

  for (const form of document.querySelectorAll("form[data-warn]")) {
    let changed = Boolean(errors);
    form.addEventListener("input", () => { changed = true; });
    form.addEventListener("submit", () => { changed = false; });
    window.addEventListener("beforeunload", (event) => {
      if (changed) event.preventDefault();
    });
  }
})();
