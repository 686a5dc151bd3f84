import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { generate } from 'mqtt-packet'
import { expect, onTestFinished, test } from 'vitest'
import { startHubProcess, type HubProcess } from '../../electron/core/hub/hub-process.ts'
import type { HubOptions } from '../../electron/core/hub/messages.ts'
import { temporaryDirectory } from '../harness/fleet.ts'
import { malformedPackets, seeded } from '../harness/malformed-packets.ts'
import { connectPacket, openRaw } from '../harness/raw-mqtt.ts'

/** A run per change offers a hundred thousand; MUSTER_FULL=1 ten million, and MUSTER_PACKETS as many as it says. */
const PACKETS = Number(process.env['MUSTER_PACKETS'] ?? (process.env['MUSTER_FULL'] === '1' ? 10_000_000 : 100_000))
const SEED = Number(process.env['MUSTER_SEED'] ?? 1)
/** Connections at a time, each of a device of its own. */
const LANES = 64
/** Packets of one connection that are written at once, each followed by a PINGREQ whose answer says that it was read. */
const AT_ONCE = 16
/** After so many packets the hub has taken the memory that it needs for garbage. */
const WARM = PACKETS / 4
/** Without a word of the hub for so long this side is closed: the hub may wait for the rest of a packet that promised more than it has, ms. */
const IDLE_MS = 250
const MIB = 1024 * 1024
const PINGREQ = generate({ cmd: 'pingreq' })

const secretOf = (device: string): string => `secret-of-${device}`
const laneOf = (lane: number): string => `lane-${lane}`

async function startHub(): Promise<HubProcess> {
  const directory = temporaryDirectory()
  mkdirSync(join(directory, 'artifacts'))
  const devices = ['good-1', ...Array.from({ length: LANES }, (_, lane) => laneOf(lane))].map((device) => ({
    ...{ device, bundles: [] },
    secretHash: createHash('sha256').update(secretOf(device)).digest('hex'),
  }))
  const options = (): HubOptions => ({
    ...{ fleet: 'lab', broker: { kind: 'embedded', host: '127.0.0.1', port: 0 }, devices, enrolmentCodes: [], limitBytesPerSecond: null },
    ...{ telemetryFile: join(directory, 'telemetry.db'), artifactDirectory: join(directory, 'artifacts') },
  })
  // In a small heap the memory of the hub is what it holds, and little garbage. It is started with the options of this process.
  const known = [...process.execArgv]
  process.execArgv.push('--max-semi-space-size=1', '--max-old-space-size=48')
  onTestFinished(() => void process.execArgv.splice(0, Infinity, ...known))
  const nothing = (): void => undefined
  const hub = startHubProcess({
    ...{ options, onMessages: nothing, onReady: nothing, onIngest: nothing, onTransfers: nothing, log: nothing },
    ...{ onRefusals: nothing, onClone: nothing, onCertificateUsed: nothing, onCut: nothing, onBroker: nothing },
  })
  onTestFinished(() => hub.stop())
  await hub.ready
  return hub
}

/** Resident memory of a process, from the kernel. */
function residentBytes(pid: number): number {
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]) * 1024
}

/** What became of one connection: packets that were written, and how many of them the hub took or refused while nothing else was in its way. */
interface Offered {
  offered: number
  alone: number
}

interface Offer {
  port: number
  /** A CONNECT to go first; null: the hub meets the packets as they are. */
  begin: Buffer | null
  packets: readonly Buffer[]
  /** Each only when the hub has answered behind the one before; else all in one piece. */
  isStepwise: boolean
}

/** Writes packets, each with a PINGREQ behind it. The hub answers behind each that it takes, and ends the connection at one that it does not take. */
function offer({ port, begin, packets, isStepwise }: Offer): Promise<Offered> {
  return new Promise((resolve) => {
    const socket: Socket = connect(port, '127.0.0.1')
    let heard = Buffer.alloc(0)
    let written = 0
    let idles = 0
    const write = (count: number): void => {
      const next = packets.slice(written, written + count)
      written += next.length
      socket.write(Buffer.concat(next.flatMap((packet) => [packet, PINGREQ])))
    }
    // CONNACK: accepted. Without it the packets met a closed door.
    const isIn = (): boolean => begin === null || heard.subarray(0, 4).equals(Buffer.from([0x20, 2, 0, 0]))
    socket.setTimeout(IDLE_MS, () => {
      idles += 1
      if (idles === 1) socket.end()
      // A busy machine needs longer.
      if (idles === 40) socket.destroy()
    })
    socket.on('error', () => undefined)
    socket.on('data', (data) => {
      heard = Buffer.concat([heard, data])
      if (pongsIn(heard) >= packets.length) socket.end()
      else if (isStepwise && isIn() && pongsIn(heard) >= written) write(1)
    })
    socket.on('close', () => resolve(isIn() ? { offered: written, alone: isStepwise ? written : 0 } : { offered: 0, alone: 0 }))
    socket.on('connect', () => {
      if (begin !== null) socket.write(begin)
      if (!isStepwise) write(packets.length)
      else if (begin === null) write(1)
    })
  })
}

function pongsIn(heard: Buffer): number {
  let pongs = 0
  for (let at = heard.indexOf(0xd0); at !== -1; at = heard.indexOf(0xd0, at + 2)) if (heard[at + 1] === 0) pongs += 1
  return pongs
}

/** A device that behaves: it reports again and again, and counts what is not answered for. */
async function startGood(port: number) {
  const connection = await openRaw(port)
  connection.send(connectPacket('good-1', secretOf('good-1')))
  expect(await connection.next()).toMatchObject({ cmd: 'connack', returnCode: 0 })
  const seen = { told: 0, answered: 0 }
  let isOver = false
  const telling = (async () => {
    while (!isOver) {
      seen.told += 1
      const messageId = (seen.told % 65_000) + 1
      connection.send({
        cmd: 'publish',
        topic: 'muster/1/lab/device/good-1/reported',
        payload: '{}',
        qos: 1,
        retain: false,
        dup: false,
        messageId,
      })
      const answer = await connection.next().catch(() => null)
      if (answer === null) return
      if (answer.cmd === 'puback' && answer.messageId === messageId) seen.answered += 1
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  })()
  return async () => {
    isOver = true
    await telling
    connection.socket.destroy()
    return seen
  }
}

test.skipIf(process.platform !== 'linux')(
  `case 41: ${PACKETS.toLocaleString('en')} malformed packets end no hub, leave its memory flat, and hurt no other device`,
  { timeout: Math.max(120_000, PACKETS * 6) },
  async () => {
    const hub = await startHub()
    const pid = hub.pid!
    const port = Number(new URL(hub.url).port)
    const finish = await startGood(port)
    const sum = { offered: 0, alone: 0 }
    let connections = 0
    let warmBytes = 0
    const lane = async (name: string, random: () => number): Promise<void> => {
      const next = malformedPackets(random, name, secretOf(name))
      const begin = generate(connectPacket(name, secretOf(name)))
      while (sum.offered < PACKETS && hub.pid === pid) {
        connections += 1
        const isStepwise = random() < 0.5
        const packets = Array.from({ length: AT_ONCE }, isStepwise ? next.framed : next.any)
        const more = await offer({ port, begin: random() < 0.8 ? begin : null, packets, isStepwise })
        sum.offered += more.offered
        sum.alone += more.alone
        if (warmBytes === 0 && sum.offered >= WARM && hub.pid === pid) warmBytes = residentBytes(pid)
      }
    }
    await Promise.all(Array.from({ length: LANES }, (_, index) => lane(laneOf(index), seeded(SEED * 1000 + index))))
    const good = await finish()
    expect({ pid: hub.pid, restarts: hub.restarts, state: hub.broker.state }).toEqual({ pid, restarts: 0, state: 'running' })
    const grownMiB = Math.round((residentBytes(pid) - warmBytes) / MIB)
    console.log(
      `${sum.offered} malformed packets (${sum.alone} of them one by one) on ${connections} connections, seed ${SEED}: ${hub.restarts} crashes, ${grownMiB} MiB grown from ${Math.round(warmBytes / MIB)} MiB; ${good.answered} of ${good.told} reports of another device answered`,
    )
    expect(good.answered).toBe(good.told)
    expect(grownMiB).toBeLessThan(20)
  },
)
