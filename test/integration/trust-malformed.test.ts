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

/** A run per change looks at a hundred thousand; MUSTER_FULL=1 at ten million, for the night. */
const PACKETS = process.env['MUSTER_FULL'] === '1' ? 10_000_000 : 100_000
const SEED = Number(process.env['MUSTER_SEED'] ?? 1)
/** Connections at a time, each of a device of its own. */
const LANES = 32
/** Packets of one connection that are written at once, each followed by a PINGREQ whose answer says that it was read. */
const AT_ONCE = 16
/** After so many packets the hub has taken the memory that it needs for garbage. */
const WARM = PACKETS / 4
/** A connection without an answer for so long waits for the rest of a packet that promised more than it has, ms. */
const IDLE_MS = 40
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
  const nothing = (): void => undefined
  const hub = startHubProcess({
    ...{ options, onMessages: nothing, onReady: nothing, onIngest: nothing, onTransfers: nothing, log: nothing },
    ...{ onRefusals: nothing, onClone: nothing, onCertificateUsed: nothing, onBroker: nothing },
  })
  onTestFinished(() => hub.stop())
  await hub.ready
  return hub
}

/** Resident memory of a process, from the kernel. */
function residentBytes(pid: number): number {
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]) * 1024
}

/** Writes packets and waits until each was answered for, or the connection is over. @returns how many of them the hub has read */
function offer(port: number, begin: Buffer | null, packets: readonly Buffer[]): Promise<number> {
  return new Promise((resolve) => {
    let pongs = 0
    let wasClosedByHub = false
    const socket: Socket = connect(port, '127.0.0.1')
    const over = (): void => void socket.destroy()
    socket.setTimeout(IDLE_MS, over)
    socket.on('error', () => undefined)
    socket.on('data', (data) => {
      for (let at = data.indexOf(0xd0); at !== -1; at = data.indexOf(0xd0, at + 2)) if (data[at + 1] === 0) pongs += 1
      if (pongs >= packets.length) over()
    })
    socket.on('end', () => {
      wasClosedByHub = true
    })
    // The packet behind the last answer is the one that ended the connection, or that waits for more: it was read as well.
    socket.on('close', () => resolve(wasClosedByHub ? Math.min(pongs + 1, packets.length) : Math.min(pongs, packets.length)))
    socket.on('connect', () => socket.write(Buffer.concat([begin ?? Buffer.alloc(0), ...packets.flatMap((packet) => [packet, PINGREQ])])))
  })
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
      const answer = await connection.next()
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
  { timeout: PACKETS * 6 },
  async () => {
    const hub = await startHub()
    const pid = hub.pid!
    const port = Number(new URL(hub.url).port)
    const finish = await startGood(port)
    let read = 0
    let connections = 0
    let warmBytes = 0
    const lane = async (name: string, random: () => number): Promise<void> => {
      const next = malformedPackets(random, name, secretOf(name))
      const begin = generate(connectPacket(name, secretOf(name)))
      while (read < PACKETS) {
        connections += 1
        read += await offer(port, random() < 0.75 ? begin : null, Array.from({ length: AT_ONCE }, next))
        if (warmBytes === 0 && read >= WARM) warmBytes = residentBytes(pid)
      }
    }
    await Promise.all(Array.from({ length: LANES }, (_, index) => lane(laneOf(index), seeded(SEED * 1000 + index))))
    const good = await finish()
    const grownMiB = Math.round((residentBytes(pid) - warmBytes) / MIB)
    console.log(
      `${read} malformed packets on ${connections} connections, seed ${SEED}: ${hub.restarts} crashes, ${grownMiB} MiB grown from ${Math.round(warmBytes / MIB)} MiB; ${good.answered} of ${good.told} reports of another device answered`,
    )
    expect({ pid: hub.pid, restarts: hub.restarts, state: hub.broker.state }).toEqual({ pid, restarts: 0, state: 'running' })
    expect(good.answered).toBe(good.told)
    expect(grownMiB).toBeLessThan(20)
  },
)
