import { generate } from 'mqtt-packet'
import { describe, expect, it } from 'vitest'
import { connectFrame, FrameScanner } from '../../../../../electron/core/hub/frame-scanner.ts'

const publish = (bytes: number) => generate({ cmd: 'publish', topic: 't', payload: Buffer.alloc(bytes), qos: 0, retain: false, dup: false })

describe('FrameScanner', () => {
  it('finds the packets however the stream is cut', () => {
    const stream = Buffer.concat([
      publish(0),
      publish(126),
      publish(127),
      publish(20_000),
      generate({ cmd: 'pingreq' }),
      generate({ cmd: 'disconnect' }),
    ])
    for (let step = 1; step < 400; step += 7) {
      const scanner = new FrameScanner(20_003)
      for (let at = 0; at < stream.length; at += step) expect(scanner.scan(stream.subarray(at, at + step))).toBeNull()
      expect(scanner.sawDisconnect).toBe(true)
    }
  })

  it('does not take payload for packets', () => {
    const scanner = new FrameScanner(1000)
    expect(
      scanner.scan(generate({ cmd: 'publish', topic: 't', payload: Buffer.alloc(100, 0xe0), qos: 0, retain: false, dup: false })),
    ).toBeNull()
    expect(scanner.sawDisconnect).toBe(false)
  })

  const faults = [
    { name: 'one byte too large', bytes: publish(1000 - 2), ends: 'a packet of more than 999 bytes' },
    { name: 'of 256 MiB', bytes: Buffer.from([0x30, 0xff, 0xff, 0xff, 0x7f]), ends: 'a packet of more than 999 bytes' },
    {
      name: 'with a length of five bytes',
      bytes: Buffer.from([0x30, 0x80, 0x80, 0x80, 0x80, 0x00]),
      ends: 'a remaining length of more than four bytes',
    },
  ]
  it.each(faults)('refuses a packet $name, byte by byte as well', ({ bytes, ends }) => {
    expect(new FrameScanner(999).scan(bytes)).toBe(ends)
    const scanner = new FrameScanner(999)
    const verdicts = [...bytes.subarray(0, 6)].map((byte) => scanner.scan(Uint8Array.of(byte)))
    expect(verdicts.find((verdict) => verdict !== null)).toBe(ends)
  })
})

describe('connectFrame', () => {
  const connect = generate({ cmd: 'connect', protocolId: 'MQTT', protocolVersion: 4, clientId: 'cam-1', keepalive: 60, clean: true })
  const rows = [
    { name: 'nothing', bytes: Buffer.alloc(0), ends: null },
    { name: 'the first byte', bytes: connect.subarray(0, 1), ends: null },
    { name: 'all but the last byte', bytes: connect.subarray(0, -1), ends: null },
    { name: 'a whole CONNECT', bytes: connect, ends: { length: connect.length } },
    { name: 'a CONNECT and more', bytes: Buffer.concat([connect, connect]), ends: { length: connect.length } },
    { name: 'a PUBLISH', bytes: publish(1), ends: { refused: 'the first packet is no CONNECT' } },
    { name: 'HTTP', bytes: Buffer.from('GET / HTTP/1.1'), ends: { refused: 'the first packet is no CONNECT' } },
    {
      name: 'a CONNECT of 4 KiB and a byte',
      bytes: Buffer.from([0x10, 0xfe, 0x1f]),
      ends: { refused: 'a CONNECT of more than 4096 bytes' },
    },
    {
      name: 'a length without end',
      bytes: Buffer.from([0x10, 0x80, 0x80, 0x80, 0x80]),
      ends: { refused: 'a remaining length of more than four bytes' },
    },
  ]
  it.each(rows)('of $name', ({ bytes, ends }) => expect(connectFrame(bytes, 4096)).toEqual(ends))
})
