// Takes what the server asks for to the browser, and the answer of the passkey back in the form.
(() => {
  "use strict";
  const refusals = {
    NotAllowedError: "Nothing was done: it was cancelled, took too long, or there is no passkey for Sesame here. Try again, or use another way.",
    InvalidStateError: "This device already keeps a passkey of yours. One is enough.",
    NotSupportedError: "This device cannot keep such a passkey. Try another one.",
    SecurityError: "Passkeys do not work under this address. Open Sesame by its name and with https; on your own machine, as http://localhost.",
  };
  const failure = "It did not work: Sesame was not reached, or asked too often. Try again in a moment, or use another way.";

  async function options(form) {
    const written = document.getElementById("passkey-options");
    if (written) return JSON.parse(written.textContent);
    const answer = await fetch(form.action, { headers: { Accept: "application/json" } });
    return (await answer.json()).request_options;
  }

  async function answer(form) {
    const asked = await options(form);
    if (form.elements.passwordless?.checked) {
      const alone = { residentKey: "required", requireResidentKey: true, userVerification: "required" };
      Object.assign(asked.publicKey.authenticatorSelection, alone);
    }
    const credential = await webauthnJSON[form.dataset.passkey](asked);
    form.elements.credential.value = JSON.stringify(credential);
    form.submit();
  }

  async function submit(form, button, refusal) {
    button.disabled = refusal.hidden = true;
    try {
      await answer(form);
    } catch (error) {
      refusal.textContent = refusals[error.name] || failure;
      refusal.hidden = false;
    }
    button.disabled = false;
  }

  function serve(form) {
    const button = form.querySelector("button");
    const refusal = form.querySelector("[data-refusal]");
    form.querySelector("[data-without]").hidden = true;
    button.disabled = false;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      submit(form, button, refusal);
    });
  }

  if (webauthnJSON.supported()) document.querySelectorAll("form[data-passkey]").forEach(serve);
})();
