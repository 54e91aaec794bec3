// A button beside a line that reads a code by the camera into it. Without a script, or a camera, there is none.

import { canScan, scan } from "./field/camera.js";

for (const button of document.querySelectorAll("button[data-scan]")) {
  const line = document.getElementById(button.dataset.scan);
  const told = button.parentElement.querySelector("[role=alert]");
  button.hidden = !canScan();
  button.addEventListener("click", async () => {
    told.textContent = "";
    try {
      const text = await scan(button.dataset);
      if (!text) return;
      line.value = text;
      line.focus();
      if ("send" in button.dataset) line.form.requestSubmit();
    } catch (error) {
      told.textContent = error.message;
    }
  });
}
