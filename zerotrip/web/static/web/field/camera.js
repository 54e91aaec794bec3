// Reads codes by the camera, where the browser can; a scanner that types, or a hand, works everywhere.

import { el, toast, words } from "./forms.js";

export const canScan = () => "BarcodeDetector" in window && Boolean(navigator.mediaDevices?.getUserMedia);

// Shows what the camera sees until a code is read; the text of it, or null where somebody closed it.
export async function scan() {
  let stream;
  try {
    stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" }, audio: false });
  } catch {
    toast(words.no_camera);
    return null;
  }
  const video = el("video", { autoplay: true, muted: true, playsinline: true, class: "camera" });
  const detector = new window.BarcodeDetector();
  let open = true;
  const dialog = el("dialog", { class: "card", onclose: () => (open = false) }, video, el("button", { class: "btn plain block", type: "button", onclick: () => dialog.close() }, words.close));
  document.body.append(dialog);
  dialog.showModal();
  video.srcObject = stream;
  try {
    await video.play();
    while (open) {
      const [found] = await detector.detect(video);
      if (found?.rawValue) return found.rawValue;
      await new Promise((next) => setTimeout(next, 150));
    }
    return null;
  } finally {
    stream.getTracks().forEach((track) => track.stop());
    dialog.remove();
  }
}
