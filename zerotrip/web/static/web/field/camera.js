// Reads codes by the camera: with the browser's own reader where it knows the codes we use, else with one that is
// fetched then. A scanner that types, or a hand, works everywhere.

const OWN = ["qr_code", "code_128", "code_39", "data_matrix", "ean_13", "itf", "codabar"];
const OURS = ["QRCode", "Code128", "Code39", "DataMatrix", "EAN13", "ITF", "Codabar"];
const WIDEST = 1280;
const APART = 120;

export const canScan = () => Boolean(navigator.mediaDevices?.getUserMedia) && ("BarcodeDetector" in globalThis || "WebAssembly" in globalThis);

// Whether the browser reads codes by itself: some have the interface and none of the codes behind it.
export async function readsItself() {
  const known = (await globalThis.BarcodeDetector?.getSupportedFormats().catch(() => null)) ?? [];
  return known.includes("qr_code") && known.includes("code_128");
}

// Why nothing was read, in words for whoever stands there.
export class NoScan extends Error {}

async function reader() {
  if (await readsItself()) {
    const known = await BarcodeDetector.getSupportedFormats();
    const detector = new BarcodeDetector({ formats: OWN.filter((format) => known.includes(format)) });
    return async (video) => (await detector.detect(video))[0]?.rawValue;
  }
  const { prepareZXingModule, readBarcodes } = await import("../vendor/zxing/reader/index.js");
  const locateFile = (name) => new URL(`../vendor/zxing/${name}`, import.meta.url).href;
  await prepareZXingModule({ overrides: { locateFile }, fireImmediately: true });
  const canvas = document.createElement("canvas");
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  return async (video) => {
    const scale = Math.min(1, WIDEST / video.videoWidth);
    canvas.width = Math.round(video.videoWidth * scale);
    canvas.height = Math.round(video.videoHeight * scale);
    pen.drawImage(video, 0, 0, canvas.width, canvas.height);
    const found = await readBarcodes(pen.getImageData(0, 0, canvas.width, canvas.height), { formats: OURS, maxNumberOfSymbols: 1 });
    return found[0]?.text;
  };
}

async function open(words) {
  try {
    return await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment", width: { ideal: WIDEST } }, audio: false });
  } catch (error) {
    const why = { NotAllowedError: words.camera_refused, NotReadableError: words.camera_busy }[error.name];
    throw new NoScan(why ?? words.no_camera);
  }
}

// Shows what the camera sees until a code is read; the text of it, or null where somebody closed it. Raises NoScan.
export async function scan(words) {
  const stream = await open(words);
  const dialog = document.createElement("dialog");
  const video = Object.assign(document.createElement("video"), { muted: true, playsInline: true });
  const aim = Object.assign(document.createElement("p"), { textContent: words.aim });
  const close = Object.assign(document.createElement("button"), { type: "button", className: "btn plain block", textContent: words.close });
  close.addEventListener("click", () => dialog.close());
  dialog.className = "card camera";
  dialog.setAttribute("aria-label", words.aim);
  dialog.append(video, aim, close);
  document.body.append(dialog);
  dialog.showModal();
  video.srcObject = stream;
  try {
    const [read] = await Promise.all([reader(), video.play()]);
    while (dialog.open) {
      const text = video.videoWidth && (await read(video));
      if (text && dialog.open) return text;
      await new Promise((next) => setTimeout(next, APART));
    }
    return null;
  } catch {
    if (!dialog.open) return null;
    throw new NoScan(words.no_reader);
  } finally {
    stream.getTracks().forEach((track) => track.stop());
    dialog.remove();
  }
}
