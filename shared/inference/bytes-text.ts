import { textOf } from '../onnx/utf8.ts'

/** True for bytes that begin as a PNG or a JPEG file does. */
export function isPictureFile(bytes: Uint8Array): boolean {
  return (bytes[0] === 0x89 && bytes[1] === 0x50 && bytes[2] === 0x4e && bytes[3] === 0x47) || (bytes[0] === 0xff && bytes[1] === 0xd8)
}

/**
 * The element of a BYTES tensor for bytes: their text where they are UTF-8; a PNG or JPEG file, which never is UTF-8, one character per
 * byte, U+0000 to U+00FF; `null` for other bytes. Whoever reads BYTES of a binary request does it like this.
 */
export function elementOfBytes(bytes: Uint8Array): string | null {
  return textOf(bytes) ?? (isPictureFile(bytes) ? characters(bytes) : null)
}

/** One character per byte. */
function characters(bytes: Uint8Array): string {
  const pieces: string[] = []
  // Pieces keep the argument list of fromCharCode short.
  for (let at = 0; at < bytes.length; at += 8192) pieces.push(String.fromCharCode(...bytes.subarray(at, at + 8192)))
  return pieces.join('')
}

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
const sextets = new Int8Array(128).fill(-1)
for (let i = 0; i < alphabet.length; i += 1) sextets[alphabet.charCodeAt(i)] = i

/** The bytes of base64 text (RFC 4648 section 4; the padding may be left out); `null` if it is none. */
export function bytesOfBase64(text: string): Uint8Array | null {
  const length = text.endsWith('==') ? text.length - 2 : text.endsWith('=') ? text.length - 1 : text.length
  if (length % 4 === 1 || (length !== text.length && text.length % 4 !== 0)) return null
  const bytes = new Uint8Array(Math.floor((length * 3) / 4))
  let held = 0
  let bits = 0
  let at = 0
  for (let i = 0; i < length; i += 1) {
    const code = text.charCodeAt(i)
    const sextet = code < 128 ? sextets[code]! : -1
    if (sextet === -1) return null
    held = ((held << 6) | sextet) & 0xffff
    bits += 6
    if (bits < 8) continue
    bits -= 8
    bytes[at] = (held >> bits) & 0xff
    at += 1
  }
  return bytes
}

/**
 * The bytes of a picture that came as a BYTES element: base64 text, as JSON carries it, or one character per byte, as the binary extension
 * gives it. The first byte of a PNG or JPEG file is no character of base64. `null` if it is neither.
 */
export function bytesOfPicture(element: string): Uint8Array | null {
  const first = element.charCodeAt(0)
  if (first !== 0x89 && first !== 0xff) return bytesOfBase64(element)
  const bytes = new Uint8Array(element.length)
  for (let i = 0; i < element.length; i += 1) {
    const code = element.charCodeAt(i)
    if (code > 0xff) return null
    bytes[i] = code
  }
  return bytes
}
