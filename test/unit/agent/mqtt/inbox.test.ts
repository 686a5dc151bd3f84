import { describe, expect, it } from 'vitest'
import { parseBrokerUrl } from '../../../../agent/mqtt/broker-url.ts'
import { createInbox } from '../../../../agent/mqtt/inbox.ts'

function inbox() {
  const got: unknown[] = []
  const receive = createInbox({
    fleet: 'plant',
    device: 'cam-1',
    handlers: {
      desired: (message) => void got.push(['desired', message.id]),
      halt: (message) => void got.push(['halt', message.id]),
      checkpoint: (message) => void got.push(['checkpoint', message.id]),
      telemetryAck: (message) => void got.push(['ack', message.through]),
      block: (artifact, block, payload) => void got.push(['block', artifact, block, payload.length]),
      infer: (deployment, message) => void got.push(['infer', deployment, message.id, message.expiresAt, message.request]),
      certificateResult: ({ payloadType }) => void got.push(['certificate', payloadType]),
      trustTimestamp: (payload) => void got.push(['timestamp', payload.length]),
      trustAnswer: (name, payload) => void got.push(['trust', name, payload.length]),
      refused: (problem) => void got.push(['refused', problem.code]),
    },
  })
  return (topic: string, payload: string | Buffer): unknown[] => {
    got.length = 0
    receive(topic, Buffer.from(payload))
    return [...got]
  }
}

const own = 'muster/1/plant/device/cam-1'
const envelope = { payloadType: 't', payload: 'e30=', signatures: [{ keyid: '0'.repeat(32), sig: 'AA==' }] }

describe('the inbox', () => {
  const receive = inbox()
  it.each<{ name: string; topic: string; payload: string | Buffer; got: unknown[] }>([
    { name: 'a timestamp of the trust metadata', topic: 'muster/1/plant/trust/timestamp', payload: '{}', got: [['timestamp', 2]] },
    { name: 'a cleared timestamp', topic: 'muster/1/plant/trust/timestamp', payload: '', got: [] },
    { name: 'a file of it', topic: `${own}/trust/root-2`, payload: '{}', got: [['trust', 'root-2', 2]] },
    { name: 'that there is none', topic: `${own}/trust/root-3`, payload: '', got: [['trust', 'root-3', 0]] },
    { name: 'an order', topic: `${own}/desired`, payload: JSON.stringify({ v: 1, sentAt: 1, id: 'x', envelope }), got: [['desired', 'x']] },
    { name: 'a cleared order', topic: `${own}/desired`, payload: '', got: [] },
    {
      name: 'a checkpoint of the audit log',
      topic: 'muster/1/plant/checkpoint',
      payload: JSON.stringify({ v: 1, sentAt: 1, id: 'c', envelope }),
      got: [['checkpoint', 'c']],
    },
    {
      name: 'a halt list',
      topic: 'muster/1/plant/halt',
      payload: JSON.stringify({ v: 1, sentAt: 1, id: 'h', envelope }),
      got: [['halt', 'h']],
    },
    { name: 'a halt list of another fleet', topic: 'muster/1/other/halt', payload: '{}', got: [['refused', 'message.malformed']] },
    { name: 'an acknowledgement', topic: `${own}/telemetry/ack`, payload: '{"v":1,"sentAt":1,"spool":"s","through":7}', got: [['ack', 7]] },
    {
      name: 'a block of its own',
      topic: `${own}/block/${'a'.repeat(64)}/12`,
      payload: Buffer.alloc(5),
      got: [['block', 'a'.repeat(64), 12, 5]],
    },
    {
      name: 'a shared block',
      topic: `muster/1/plant/block/${'a'.repeat(64)}/0`,
      payload: Buffer.alloc(5),
      got: [['block', 'a'.repeat(64), 0, 5]],
    },
    {
      name: 'an inference',
      topic: `${own}/infer/reader`,
      payload: '{"v":1,"sentAt":1,"id":"q-1","request":{"inputs":[]}}',
      got: [['infer', 'reader', 'q-1', null, { inputs: [] }]],
    },
    {
      name: 'an inference without id',
      topic: `${own}/infer/reader`,
      payload: '{"v":1,"sentAt":1,"request":{}}',
      got: [['refused', 'message.malformed']],
    },
    { name: 'its own answer', topic: `${own}/infer/reader/result`, payload: '{}', got: [['refused', 'message.malformed']] },
    { name: 'a block without a number', topic: `${own}/block/${'a'.repeat(64)}/x`, payload: '', got: [['refused', 'message.malformed']] },
    { name: 'not JSON', topic: `${own}/desired`, payload: 'hello', got: [['refused', 'message.malformed']] },
    { name: 'not UTF-8', topic: `${own}/desired`, payload: Buffer.from([0x7b, 0xff, 0x7d]), got: [['refused', 'message.malformed']] },
    { name: 'too long', topic: `${own}/desired`, payload: Buffer.alloc(2_000_000, 32), got: [['refused', 'message.malformed']] },
    { name: 'too deep', topic: `${own}/desired`, payload: '['.repeat(100_000), got: [['refused', 'message.malformed']] },
    {
      name: 'a higher version',
      topic: `${own}/telemetry/ack`,
      payload: '{"v":2,"sentAt":1,"spool":"s","through":7}',
      got: [['refused', 'message.unsupported-version']],
    },
    { name: 'another device', topic: 'muster/1/plant/device/cam-2/desired', payload: '{}', got: [['refused', 'message.malformed']] },
    { name: 'another fleet', topic: 'muster/1/other/device/cam-1/desired', payload: '{}', got: [['refused', 'message.malformed']] },
    { name: 'its own words', topic: `${own}/presence`, payload: '{}', got: [['refused', 'message.malformed']] },
  ])('takes $name', ({ topic, payload, got }) => {
    expect(receive(topic, payload)).toEqual(got)
  })
})

describe('the address of a broker', () => {
  it.each([
    { text: 'mqtt://10.0.0.1:1883', is: { url: 'mqtt://10.0.0.1:1883', username: null, password: null } },
    { text: 'mqtt://user:p%40ss@broker', is: { url: 'mqtt://broker', username: 'user', password: 'p@ss' } },
    { text: 'wss://broker/mqtt', is: { url: 'wss://broker/mqtt', username: null, password: null } },
  ])('$text', ({ text, is }) => {
    expect(parseBrokerUrl(text)).toEqual(is)
  })
  it.each(['', 'broker:1883', 'http://broker', 'mqtt://'])('refuses %j', (text) => {
    expect(() => parseBrokerUrl(text)).toThrow(expect.objectContaining({ code: 'usage' }))
  })
  it('never shows a password', () => {
    expect(() => parseBrokerUrl('http://user:hidden@broker')).toThrow(expect.not.stringContaining('hidden'))
  })
})
