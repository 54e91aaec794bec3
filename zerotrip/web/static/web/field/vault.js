// What lies on the phone is encrypted with keys the browser does not give out, and goes when its key goes.

const AES = { name: "AES-GCM", length: 256 };

export const newKey = () => crypto.subtle.generateKey(AES, false, ["encrypt", "decrypt"]);

export const seal = async (key, value) => sealBytes(key, new TextEncoder().encode(JSON.stringify(value)));

export async function sealBytes(key, bytes) {
  const iv = crypto.getRandomValues(new Uint8Array(12));
  return { iv, data: await crypto.subtle.encrypt({ name: "AES-GCM", iv }, key, bytes) };
}

export const open = async (key, sealed) => JSON.parse(new TextDecoder().decode(await openBytes(key, sealed)));

export const openBytes = (key, { iv, data }) => crypto.subtle.decrypt({ name: "AES-GCM", iv }, key, data);

// A key to compare numbers by that the phone must not hold.
export function digestKey(written) {
  const bytes = Uint8Array.from(atob(written), (letter) => letter.charCodeAt(0));
  return crypto.subtle.importKey("raw", bytes, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
}

export const digest = async (key, text) =>
  new Uint8Array(await crypto.subtle.sign("HMAC", key, new TextEncoder().encode(text)));
