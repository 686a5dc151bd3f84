const CONNECT = 0x10
const DISCONNECT = 0xe0

/**
 * Follows the packet boundaries of an MQTT byte stream (3.1.1 §2.2) without keeping a byte, however the stream is cut into chunks.
 * It reads only the fixed header: one type byte and a remaining length of one to four bytes.
 */
export class FrameScanner {
  /** Largest packet, fixed header excluded, bytes. */
  maxBytes: number
  /** True once the peer sent a DISCONNECT packet. */
  sawDisconnect = false
  /** Packets that began so far. */
  packets = 0
  #bodyLeft = 0
  /** 0: the next byte is a type byte; n: the next byte is byte n of the remaining length. */
  #lengthByte = 0
  #length = 0

  constructor(maxBytes: number) {
    this.maxBytes = maxBytes
  }

  /** @returns why the stream must end, or `null`. */
  scan(chunk: Uint8Array): string | null {
    let at = 0
    while (at < chunk.length) {
      if (this.#bodyLeft > 0) {
        const step = Math.min(this.#bodyLeft, chunk.length - at)
        this.#bodyLeft -= step
        at += step
        continue
      }
      const byte = chunk[at]!
      at += 1
      if (this.#lengthByte === 0) {
        this.#lengthByte = 1
        this.#length = 0
        this.packets += 1
        if (byte === DISCONNECT) this.sawDisconnect = true
        continue
      }
      this.#length += (byte & 0x7f) * 128 ** (this.#lengthByte - 1)
      if (this.#length > this.maxBytes) return `a packet of more than ${this.maxBytes} bytes`
      if ((byte & 0x80) !== 0) {
        if (this.#lengthByte === 4) return 'a remaining length of more than four bytes'
        this.#lengthByte += 1
        continue
      }
      this.#lengthByte = 0
      this.#bodyLeft = this.#length
    }
    return null
  }
}

/**
 * Where the first packet of a stream ends, which must be a CONNECT.
 * @returns its length in bytes, `null` if more bytes are needed, or why the stream must end.
 */
export function connectFrame(bytes: Uint8Array, maxBytes: number): { length: number } | { refused: string } | null {
  if (bytes.length === 0) return null
  if (bytes[0] !== CONNECT) return { refused: 'the first packet is no CONNECT' }
  let length = 0
  for (let at = 1; at <= 4; at += 1) {
    const byte = bytes[at]
    if (byte === undefined) return null
    length += (byte & 0x7f) * 128 ** (at - 1)
    if (at + 1 + length > maxBytes) return { refused: `a CONNECT of more than ${maxBytes} bytes` }
    if ((byte & 0x80) === 0) return bytes.length < at + 1 + length ? null : { length: at + 1 + length }
  }
  return { refused: 'a remaining length of more than four bytes' }
}
