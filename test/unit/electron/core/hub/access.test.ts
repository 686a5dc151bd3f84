import { describe, expect, it } from 'vitest'
import { createAccess, type ConnectRequest } from '../../../../../electron/core/hub/access.ts'
import { ARTIFACT, BUNDLE, CODE, FLEET, hubDevice, REQUEST, secretOf } from '../../../../harness/embedded-broker.ts'

const root = `muster/1/${FLEET}`
const own = `${root}/device/cam-1`

function makeAccess() {
  return createAccess({
    ...{ fleet: FLEET, devices: [hubDevice('cam-1'), hubDevice('cam-2', []), hubDevice(`enrol-${'z'.repeat(16)}`)], codes: [CODE] },
    mayFetch: (bundles, artifact) => bundles.includes(BUNDLE) && artifact === ARTIFACT,
  })
}

const device: ConnectRequest = {
  clientId: 'cam-1',
  username: 'cam-1',
  password: Buffer.from(secretOf('cam-1')),
  keepalive: 60,
  will: null,
  transport: { kind: 'plain' },
}
const guest: ConnectRequest = {
  clientId: `enrol-${REQUEST}`,
  username: 'enrol',
  password: Buffer.from(CODE),
  keepalive: 60,
  will: null,
  transport: { kind: 'plain' },
}
const will = { topic: `${own}/presence`, payload: Buffer.from('{}'), qos: 1 }

describe('a CONNECT', () => {
  const rows: { name: string; request: ConnectRequest; ends: object | number }[] = [
    { name: 'of a device', request: device, ends: { identity: { kind: 'device', device: 'cam-1', by: hubDevice('cam-1').secretHash } } },
    {
      name: 'of a device with its will',
      request: { ...device, will },
      ends: { identity: { kind: 'device', device: 'cam-1', by: hubDevice('cam-1').secretHash } },
    },
    { name: 'of a guest', request: guest, ends: { identity: { kind: 'guest', request: REQUEST } } },
    { name: 'without client id', request: { ...device, clientId: '' }, ends: 2 },
    { name: 'of an unknown device', request: { ...device, clientId: 'cam-9', username: 'cam-9' }, ends: 4 },
    { name: 'with a wrong secret', request: { ...device, password: Buffer.from('x') }, ends: 4 },
    { name: 'with the hash as secret', request: { ...device, password: Buffer.from(hubDevice('cam-1').secretHash, 'hex') }, ends: 4 },
    { name: 'with an empty secret', request: { ...device, password: Buffer.alloc(0) }, ends: 4 },
    { name: 'without secret', request: { ...device, password: undefined }, ends: 4 },
    { name: 'without user name', request: { ...device, username: undefined }, ends: 4 },
    { name: 'under the client id of another device', request: { ...device, clientId: 'cam-2' }, ends: 5 },
    { name: 'under the client id of a guest', request: { ...device, clientId: `enrol-${REQUEST}` }, ends: 5 },
    { name: 'with the will of another device', request: { ...device, will: { ...will, topic: `${root}/device/cam-2/presence` } }, ends: 5 },
    { name: 'with a will on its telemetry', request: { ...device, will: { ...will, topic: `${own}/telemetry` } }, ends: 5 },
    { name: 'with a will of QoS 2', request: { ...device, will: { ...will, qos: 2 } }, ends: 5 },
    { name: 'with a will of 4097 bytes', request: { ...device, will: { ...will, payload: Buffer.alloc(4097) } }, ends: 5 },
    { name: 'with a keepalive of 0', request: { ...device, keepalive: 0 }, ends: 5 },
    { name: 'with a keepalive of 9 s', request: { ...device, keepalive: 9 }, ends: 5 },
    { name: 'with a keepalive of 301 s', request: { ...device, keepalive: 301 }, ends: 5 },
    { name: 'of a guest with a used code', request: { ...guest, password: Buffer.from('zzzz9999') }, ends: 4 },
    { name: 'of a guest without code', request: { ...guest, password: undefined }, ends: 4 },
    { name: 'of a guest with a will', request: { ...guest, will }, ends: 5 },
    { name: 'of a guest under the id of a device', request: { ...guest, clientId: 'cam-1' }, ends: 5 },
    { name: 'of a guest that would push out a device called enrol-…', request: { ...guest, clientId: `enrol-${'z'.repeat(16)}` }, ends: 5 },
    { name: 'of a guest with a short request', request: { ...guest, clientId: 'enrol-abc' }, ends: 5 },
  ]
  it.each(rows)('$name', ({ request, ends }) => {
    const admission = makeAccess().admit(request)
    expect('identity' in admission ? admission : admission.code).toEqual(ends)
  })
})

describe('a publish', () => {
  const packet = { topic: `${own}/reported`, qos: 1, retain: false, sizeBytes: 10 }
  const who = { kind: 'device', device: 'cam-1', by: hubDevice('cam-1').secretHash } as const
  const asGuest = { kind: 'guest', request: REQUEST } as const
  const rows = [
    { name: 'on reported', who, packet, ends: { retain: false } },
    { name: 'on reported, retained: the flag is taken off', who, packet: { ...packet, retain: true }, ends: { retain: false } },
    { name: 'on presence, retained', who, packet: { ...packet, topic: `${own}/presence`, retain: true }, ends: { retain: true } },
    { name: 'on presence, larger than 4 KiB', who, packet: { ...packet, topic: `${own}/presence`, sizeBytes: 4097 }, ends: 'refused' },
    { name: 'on telemetry', who, packet: { ...packet, topic: `${own}/telemetry` }, ends: { retain: false } },
    { name: 'on block/want', who, packet: { ...packet, topic: `${own}/block/want` }, ends: { retain: false } },
    {
      name: 'of an answer to an inference',
      who,
      packet: { ...packet, topic: `${own}/infer/reader/result`, retain: true },
      ends: { retain: false },
    },
    {
      name: 'of an answer that is too large',
      who,
      packet: { ...packet, topic: `${own}/infer/reader/result`, sizeBytes: 200 * 1024 + 1 },
      ends: 'refused',
    },
    { name: 'of a question to itself', who, packet: { ...packet, topic: `${own}/infer/reader` }, ends: 'refused' },
    { name: 'of an answer below an answer', who, packet: { ...packet, topic: `${own}/infer/a/b/result` }, ends: 'refused' },
    { name: 'of an answer of another', who, packet: { ...packet, topic: `${root}/device/cam-2/infer/reader/result` }, ends: 'refused' },
    { name: 'of a question to another', who, packet: { ...packet, topic: `${root}/device/cam-2/infer/reader` }, ends: 'refused' },
    { name: 'on its own desired', who, packet: { ...packet, topic: `${own}/desired` }, ends: 'refused' },
    { name: 'on the halt list', who, packet: { ...packet, topic: `${root}/halt`, retain: true }, ends: 'refused' },
    { name: 'on its own ack', who, packet: { ...packet, topic: `${own}/telemetry/ack` }, ends: 'refused' },
    { name: 'on the topic of another device', who, packet: { ...packet, topic: `${root}/device/cam-2/reported` }, ends: 'refused' },
    { name: 'on a shared block', who, packet: { ...packet, topic: `${root}/block/${ARTIFACT}/0` }, ends: 'refused' },
    { name: 'on an enrolment', who, packet: { ...packet, topic: `${root}/enrol/${REQUEST}` }, ends: 'refused' },
    { name: 'on $SYS', who, packet: { ...packet, topic: '$SYS/broker' }, ends: 'refused' },
    { name: 'with QoS 2', who, packet: { ...packet, qos: 2 }, ends: 'refused' },
    {
      name: 'of a removed device',
      who: { kind: 'device', device: 'cam-9', by: '' } as const,
      packet: { ...packet, topic: `${root}/device/cam-9/reported` },
      ends: 'refused',
    },
    {
      name: 'of a guest on its request',
      who: asGuest,
      packet: { ...packet, topic: `${root}/enrol/${REQUEST}`, retain: true },
      ends: { retain: false },
    },
    {
      name: 'of a guest, larger than 4 KiB',
      who: asGuest,
      packet: { ...packet, topic: `${root}/enrol/${REQUEST}`, sizeBytes: 4097 },
      ends: 'refused',
    },
    {
      name: 'of a guest on another request',
      who: asGuest,
      packet: { ...packet, topic: `${root}/enrol/${'y'.repeat(16)}` },
      ends: 'refused',
    },
    { name: 'of a guest on telemetry', who: asGuest, packet: { ...packet, topic: `${own}/telemetry` }, ends: 'refused' },
  ]
  it.each(rows)('$name', ({ who, packet, ends }) => {
    const verdict = makeAccess().mayPublish(who, packet)
    expect('refused' in verdict ? 'refused' : verdict).toEqual(ends)
  })
})

describe('a subscription', () => {
  const who = { kind: 'device', device: 'cam-1', by: hubDevice('cam-1').secretHash } as const
  const allowed = [
    `${root}/halt`,
    `${own}/desired`,
    `${own}/telemetry/ack`,
    `${own}/block/+/+`,
    `${own}/infer/+`,
    `${root}/block/${ARTIFACT}/+`,
  ]
  const forbidden = [
    ...[
      '#',
      '+',
      '+/x',
      '$SYS/#',
      '$share/g/#',
      `$share/g/${own}/desired`,
      `${root}/#`,
      `${root}/device/+/desired`,
      `${own}/+`,
      `${own}/#`,
    ],
    ...[
      `${own}/presence`,
      `${root}/device/cam-2/desired`,
      `${root}/device/cam-2/infer/+`,
      `${own}/infer/+/result`,
      `${root}/block/+/+`,
      `${root}/block/${'d'.repeat(64)}/+`,
      `${root}/block/${ARTIFACT}/#`,
    ],
    ...[`${root}/block/${ARTIFACT}/0`, `${root}/enrol/+`, `muster/1/other/device/cam-1/desired`, '', 'x'.repeat(300)],
  ]
  it.each(allowed)('to %s is granted', (filter) => expect(makeAccess().maySubscribe(who, filter)).toBe(true))
  it.each(forbidden)('to %s is refused', (filter) => expect(makeAccess().maySubscribe(who, filter)).toBe(false))

  it('of a guest is granted to its result only', () => {
    const guest = { kind: 'guest', request: REQUEST } as const
    const filters = [`${root}/enrol/${REQUEST}/result`, `${root}/enrol/+/result`, `${root}/enrol/${REQUEST}`, `${own}/desired`]
    expect(filters.map((filter) => makeAccess().maySubscribe(guest, filter))).toEqual([true, false, false, false])
  })
})

describe('what leaves for a connection', () => {
  it('is looked at again, with the devices and bundles of the moment', () => {
    const access = makeAccess()
    const who = { kind: 'device', device: 'cam-1', by: hubDevice('cam-1').secretHash } as const
    const topics = [
      `${own}/desired`,
      `${own}/block/${ARTIFACT}/0`,
      `${root}/block/${ARTIFACT}/0`,
      `${root}/device/cam-2/desired`,
      `${root}/block/${'d'.repeat(64)}/0`,
      `${own}/infer/reader`,
      `${own}/infer/reader/result`,
      `${root}/device/cam-2/infer/reader`,
    ]
    const may = () => topics.map((topic) => access.mayReceive(who, topic))
    expect(may()).toEqual([true, true, true, false, false, true, false, false])
    access.upsert([hubDevice('cam-1', [])])
    expect(may()).toEqual([true, true, false, false, false, true, false, false])
    access.remove(['cam-1'])
    expect(may()).toEqual(Array(8).fill(false))
  })
})

describe('the devices', () => {
  it('whose secret changed are named, so that they can be cut off', () => {
    const access = makeAccess()
    const changed = access.upsert([hubDevice('cam-1', []), { ...hubDevice('cam-2'), secretHash: 'f'.repeat(64) }, hubDevice('cam-3')])
    expect({ changed, knows: ['cam-1', 'cam-3', 'cam-4'].map((id) => access.knows(id)) }).toEqual({
      changed: ['cam-2'],
      knows: [true, true, false],
    })
    expect(access.isAssigned('cam-3', BUNDLE)).toBe(true)
  })

  it('whose hash is damaged let nobody in', () => {
    const access = makeAccess()
    access.upsert([{ ...hubDevice('cam-1'), secretHash: '' }])
    expect(access.admit({ ...device, password: Buffer.alloc(0) })).toMatchObject({ code: 4 })
  })
})
