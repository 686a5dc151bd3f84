import { Aedes } from 'aedes'
import { createHash, createHmac, generateKeyPairSync, randomUUID, sign, type KeyObject } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type AddressInfo, type Server } from 'node:net'
import { sampleManifest, samplePath, type samples } from './manifest.ts'
import { readFileSync } from 'node:fs'
import { artifactsOf, type Manifest } from '../../shared/domain/bundle.ts'
import { BlockSet } from '../../shared/protocol/bitmap.ts'
import { blockWantMessage, PLAIN_BLOCK_BYTES, type BlockWantMessage } from '../../shared/protocol/block.ts'
import { enrolRequestMessage, enrolResultProofText, type EnrolResultMessage, type TrustRoots } from '../../shared/protocol/enrolment.ts'
import { payloadTypes, preAuthEncoding, type PayloadType, type Signature } from '../../shared/protocol/envelope.ts'
import { reportedMessage, type ReportedMessage } from '../../shared/protocol/reported.ts'
import { telemetryMessage } from '../../shared/protocol/telemetry.ts'
import { parseTopic, topicOf } from '../../shared/protocol/topics.ts'

type Sample = (typeof samples)[keyof typeof samples]

/** A signing key with what a device needs to know of it. */
export interface TestKey {
  keyid: string
  publicKey: string
  privateKey: KeyObject
}

export function testKey(): TestKey {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  const raw = Buffer.from(publicKey.export({ format: 'jwk' }).x!, 'base64url')
  return { keyid: createHash('sha256').update(raw).digest('hex').slice(0, 32), publicKey: raw.toString('base64'), privateKey }
}

export function signWith(key: TestKey, type: PayloadType, bytes: Uint8Array): Signature {
  return { keyid: key.keyid, sig: sign(null, preAuthEncoding(type, bytes), key.privateKey).toString('base64') }
}

/** A bundle as the console would sign it: the manifest bytes and every artifact by hash. */
export interface TestBundle {
  digest: string
  manifest: Manifest
  manifestBytes: Buffer
  files: Map<string, Buffer>
}

/** A bundle of a sample model; `change` alters the manifest, `files` adds artifacts. */
export function sampleBundle(of: Sample, change: Partial<Record<keyof Manifest, unknown>> = {}, files: Buffer[] = []): TestBundle {
  const manifest = sampleManifest(of, change)
  const manifestBytes = Buffer.from(JSON.stringify(manifest))
  const digest = hashOf(manifestBytes)
  const all = [manifestBytes, readFileSync(samplePath(of)), ...files]
  return { digest, manifest, manifestBytes, files: new Map(all.map((bytes) => [hashOf(bytes), bytes])) }
}

export const hashOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

/** The console's side of the wire, just enough to drive an agent: enrolment, orders, blocks, acknowledgements. Faults are switches. */
export interface SmallConsole {
  url: string
  fleet: string
  code: string
  trust: TrustRoots
  reports: ReportedMessage[]
  presence: { status: string; device: string }[]
  /** Records by `spool/seq`. */
  records: Map<string, { kind: string; seq: number; body: Record<string, unknown> }>
  batches: { spool: string; from: number; through: number; seqs: number[] }[]
  faults: { noAcks: boolean; noBlocks: boolean; damagedBlocks: boolean }
  /** Signs and publishes the next order; returns its JSON. */
  order(
    device: string,
    deployments: Record<string, TestBundle>,
    change?: { counter?: number; expiresAt?: number; key?: TestKey; windowSeconds?: number; config?: object },
  ): Promise<string>
  /** Publishes a message as it is. */
  publish(topic: string, payload: string | Buffer, retain?: boolean): Promise<void>
  /** Events of a name that arrived. */
  events(name: string): Record<string, unknown>[]
  /** Sees a request to enrol before it is answered; true: it has answered itself. */
  onEnrolRequest: ((request: string, json: unknown) => boolean) | null
  /** Ends every connection; the broker goes on. */
  dropConnections(): void
  stop(): Promise<void>
}

const FLEET = 'test'
const CODE = { id: 'abcdef', secret: 'abcd-efgh-jkmn-pqrs' }

/** Starts it on a free port of loopback. */
export async function startSmallConsole(options: { refuseGuests?: boolean; port?: number } = {}): Promise<SmallConsole> {
  const broker = await Aedes.createBroker()
  const server: Server = createServer(broker.handle)
  server.listen(options.port ?? 0, '127.0.0.1')
  await once(server, 'listening')
  const bundleKey = testKey()
  const assignmentKey = testKey()
  const bundles = new Map<string, TestBundle>()
  let counter = 0
  const publish = (topic: string, payload: string | Buffer, retain = false): Promise<void> =>
    new Promise((resolve, reject) => {
      broker.publish({ cmd: 'publish', topic, payload: Buffer.from(payload), qos: 1, retain, dup: false }, (error) =>
        error ? reject(error) : resolve(),
      )
    })
  const made: SmallConsole = {
    url: `mqtt://127.0.0.1:${(server.address() as AddressInfo).port}`,
    fleet: FLEET,
    code: `${FLEET}.${CODE.id}.${CODE.secret}`,
    trust: { bundle: [bundleKey.publicKey], assignment: [assignmentKey.publicKey] },
    reports: [],
    presence: [],
    records: new Map(),
    batches: [],
    onEnrolRequest: null,
    faults: { noAcks: false, noBlocks: false, damagedBlocks: false },
    async order(device, deployments, change = {}) {
      counter = change.counter ?? counter + 1
      const now = Date.now()
      const assigned = Object.entries(deployments).map(([name, bundle]) => {
        bundles.set(bundle.digest, bundle)
        const signatures = [signWith(bundleKey, payloadTypes.bundle, bundle.manifestBytes)]
        const { model, version } = bundle.manifest
        return [
          name,
          { model, version, role: 'active', bundle: { digest: bundle.digest, sizeBytes: bundle.manifestBytes.length, signatures } },
        ]
      })
      const config = { windowSeconds: change.windowSeconds ?? 1, samplesPerWindow: 0, ...change.config }
      const payload = {
        v: 1,
        fleet: FLEET,
        device,
        counter,
        issuedAt: now,
        expiresAt: change.expiresAt ?? now + 86_400_000,
        deployments: Object.fromEntries(assigned),
        config,
      }
      const bytes = Buffer.from(JSON.stringify(payload))
      const envelope = {
        payloadType: payloadTypes.assignment,
        payload: bytes.toString('base64'),
        signatures: [signWith(change.key ?? assignmentKey, payloadTypes.assignment, bytes)],
      }
      const json = JSON.stringify({ v: 1, sentAt: now, id: randomUUID(), envelope })
      await publish(topicOf(FLEET, 'desired', { device }), json, true)
      return json
    },
    publish,
    events: (name) =>
      [...made.records.values()].filter(({ kind, body }) => kind === 'event' && body['name'] === name).map(({ body }) => body),
    dropConnections() {
      for (const client of Object.values((broker as unknown as { clients: Record<string, { conn: { destroy(): void } }> }).clients))
        client.conn.destroy()
    },
    async stop() {
      made.dropConnections()
      await new Promise<void>((resolve) => broker.close(() => resolve()))
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
  if (options.refuseGuests === true) {
    // CONNACK 5: not authorised.
    broker.authenticate = (_client, username, _password, done) =>
      username === 'enrol' ? done(Object.assign(new Error('no'), { returnCode: 5 }), false) : done(null, true)
  }
  broker.on('publish', (packet, client) => {
    const parsed = client === null ? null : parseTopic(FLEET, packet.topic)
    if (parsed === null) return
    const json: unknown = JSON.parse(packet.payload.toString())
    const device = parsed.parameters['device'] ?? ''
    if (parsed.name === 'presence') made.presence.push({ device, status: (json as { status: string }).status })
    if (parsed.name === 'reported') made.reports.push(reportedMessage.parse(json))
    if (parsed.name === 'telemetry') take(json, device)
    if (parsed.name === 'blockWant') void sendBlocks(blockWantMessage.parse(json), device)
    if (parsed.name === 'enrolRequest') void answerEnrolment(json)
  })

  function take(json: unknown, device: string): void {
    const batch = telemetryMessage.parse(json)
    made.batches.push({ spool: batch.spool, from: batch.from, through: batch.through, seqs: batch.records.map(({ seq }) => seq) })
    if (made.faults.noAcks) return
    for (const record of batch.records) made.records.set(`${batch.spool}/${record.seq}`, record as never)
    void publish(
      topicOf(FLEET, 'telemetryAck', { device }),
      JSON.stringify({ v: 1, sentAt: Date.now(), spool: batch.spool, through: batch.through }),
    )
  }

  async function sendBlocks(want: BlockWantMessage, device: string): Promise<void> {
    if (made.faults.noBlocks) return
    const bundle = [...bundles.values()].find(({ files }) => files.has(want.artifact))
    const bytes = bundle?.files.get(want.artifact)
    if (bundle === undefined || bytes === undefined) return
    const entry = artifactsOf(bundle.manifest).find((one) => one.entry.sha256 === want.artifact)?.entry
    const missing = BlockSet.from(want.blocks, Buffer.from(want.missing, 'base64'))!
    const sizes = want.manifest === null ? null : entry!.blocks.map(([size]) => size)
    for (const block of missing) {
      const start = sizes === null ? block * PLAIN_BLOCK_BYTES : sizes.slice(0, block).reduce((sum, size) => sum + size, 0)
      const piece = Buffer.from(bytes.subarray(start, start + (sizes === null ? PLAIN_BLOCK_BYTES : sizes[block]!)))
      if (made.faults.damagedBlocks) piece[0]! ^= 1
      await publish(topicOf(FLEET, 'deviceBlock', { device, artifact: want.artifact, block: String(block) }), piece)
    }
  }

  async function answerEnrolment(json: unknown): Promise<void> {
    const { request, device } = enrolRequestMessage.parse(json)
    if (made.onEnrolRequest?.(request, json) === true) return
    const accepted = { request, fleet: FLEET, device, trust: made.trust }
    const proof = createHmac('sha256', CODE.secret).update(enrolResultProofText(accepted)).digest('hex')
    const answer = { v: 1, sentAt: Date.now(), ok: true, ...accepted, proof } as unknown as EnrolResultMessage
    await publish(topicOf(FLEET, 'enrolResult', { request }), JSON.stringify(answer))
  }
  return made
}
