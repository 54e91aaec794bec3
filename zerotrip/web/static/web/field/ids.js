// Keys of records, made here: UUIDv7 (RFC 9562), 48 bits of milliseconds and then random ones.

export function newId(now) {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  const time = BigInt(Math.round(now));
  for (let place = 0; place < 6; place++) bytes[place] = Number((time >> BigInt(40 - 8 * place)) & 0xffn);
  return written(bytes, 7);
}

// Sets version and variant, and writes the bytes as a UUID.
export function written(bytes, version) {
  bytes[6] = (bytes[6] & 0x0f) | (version << 4);
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const text = hex(bytes);
  return [text.slice(0, 8), text.slice(8, 12), text.slice(12, 16), text.slice(16, 20), text.slice(20)].join("-");
}

export const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
