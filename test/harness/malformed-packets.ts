import { generate, type Packet } from 'mqtt-packet'
import { connectPacket } from './raw-mqtt.ts'

/** Small and reproducible (mulberry32): the same numbers in every run. */
export function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

/** One of each packet that a client may send. */
export function validPackets(device: string, secret: string): Packet[] {
  const own = `muster/1/lab/device/${device}`
  return [
    connectPacket(device, secret, { will: { topic: `${own}/presence`, payload: Buffer.from('x'), qos: 1, retain: true } }),
    { cmd: 'publish', topic: `${own}/telemetry`, payload: 'x', qos: 1, retain: true, dup: true, messageId: 3 },
    { cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: `${own}/desired`, qos: 1 }] },
    { cmd: 'unsubscribe', messageId: 1, unsubscriptions: [`${own}/desired`] },
    { cmd: 'puback', messageId: 1 },
    { cmd: 'pubrec', messageId: 1 },
    { cmd: 'pubrel', messageId: 1 },
    { cmd: 'pubcomp', messageId: 1 },
    { cmd: 'pingreq' },
    { cmd: 'disconnect' },
  ]
}

type Random = () => number
const below = (random: Random, most: number): number => Math.floor(random() * most)
const randomBytes = (random: Random, length: number): Buffer => Buffer.from(Array.from({ length }, () => below(random, 256)))

/** A frame that is a packet by its first bytes: any type, any flags, a remaining length that is right, and anything in it. */
function anyType(random: Random): Buffer {
  const body = randomBytes(random, below(random, 60))
  return Buffer.concat([Buffer.from([below(random, 256), body.length]), body])
}

/** Fields of a length of their own, whose length is wrong, or whose text no text is. */
function wrongStrings(random: Random): Buffer {
  const texts = [Buffer.from([0xc3, 0x28]), Buffer.from('a\0b'), Buffer.from('\uFEFF'), Buffer.from([0xed, 0xa0, 0x80]), Buffer.alloc(0)]
  const text = texts[below(random, texts.length)]!
  const said = random() < 0.5 ? text.length : below(random, 65_536)
  const body = Buffer.concat([Buffer.from([said >> 8, said & 0xff]), text, randomBytes(random, below(random, 4))])
  const types = [0x10, 0x30, 0x32, 0x33, 0x82, 0xa2]
  return Buffer.concat([Buffer.from([types[below(random, types.length)]!, body.length]), body])
}

/** Remaining lengths that are too long, never end, or promise what does not come. */
function wrongLength(random: Random): Buffer {
  const lengths = [
    [0xff, 0xff, 0xff, 0xff, 0x7f],
    [0xff, 0xff, 0xff, 0x7f],
    [0x80, 0x80, 0x80, 0x00],
    [0x80, 0x00],
    [0xff, 0x01],
  ]
  return Buffer.from([below(random, 256), ...lengths[below(random, lengths.length)]!])
}

/** A valid packet with up to three bytes changed, or cut off, or grown. */
function mutated(random: Random, valid: readonly Buffer[]): Buffer {
  const bytes = Buffer.from(valid[below(random, valid.length)]!)
  const kind = random()
  if (kind < 0.15) return bytes.subarray(0, 1 + below(random, bytes.length))
  if (kind < 0.3) return Buffer.concat([bytes, randomBytes(random, 1 + below(random, 8))])
  for (let flips = 1 + below(random, 3); flips > 0; flips -= 1) bytes[below(random, bytes.length)] = below(random, 256)
  return bytes
}

/** A packet whose frame is right and whose content is not: it passes a look at lengths, and meets the parser behind it. */
function framed(random: Random, valid: readonly Buffer[]): Buffer {
  const bytes = valid[below(random, valid.length)]!
  const [head, body] = [bytes[0]!, Buffer.from(bytes.subarray(bytes[1]! < 128 ? 2 : 3))]
  const flags = random() < 0.2 ? below(random, 16) : head & 15
  const kind = random()
  if (kind < 0.2) return frame((head & 0xf0) | flags, body.subarray(0, below(random, body.length + 1)))
  if (kind < 0.4) return frame((head & 0xf0) | flags, Buffer.concat([body, randomBytes(random, 1 + below(random, 8))]))
  for (let flips = 1 + below(random, 3); body.length > 0 && flips > 0; flips -= 1) body[below(random, body.length)] = below(random, 256)
  return frame((head & 0xf0) | flags, body)
}

function frame(head: number, body: Buffer): Buffer {
  const length = body.length < 128 ? [body.length] : [(body.length & 127) | 128, body.length >> 7]
  return Buffer.concat([Buffer.from([head, ...length]), body])
}

/**
 * Endless malformed packets for connections of a device: mutations of valid ones, random bytes, every type with any flags; or, where frames are to be
 * right, such as only the parser can refuse.
 */
export function malformedPackets(random: Random, device: string, secret: string): { any(): Buffer; framed(): Buffer } {
  const valid = validPackets(device, secret).map((packet) => generate(packet))
  return {
    any() {
      const kind = random()
      if (kind < 0.45) return mutated(random, valid)
      if (kind < 0.7) return anyType(random)
      if (kind < 0.8) return wrongStrings(random)
      if (kind < 0.9) return randomBytes(random, 1 + below(random, 80))
      return wrongLength(random)
    },
    framed: () => framed(random, valid),
  }
}
