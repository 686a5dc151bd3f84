import { createHash } from 'node:crypto'
import { onTestFinished } from 'vitest'
import { createAccess } from '../../electron/core/hub/access.ts'
import { createEmbeddedBroker, type EmbeddedBrokerOptions } from '../../electron/core/hub/embedded.ts'
import type { HubDevice } from '../../electron/core/hub/messages.ts'

export const FLEET = 'lab'
export const CODE = 'abcd1234'
export const REQUEST = 'request-'.replace('-', '0').repeat(2)
export const ARTIFACT = 'b'.repeat(64)
export const BUNDLE = 'c'.repeat(64)

export const secretOf = (device: string): string => `secret-of-${device}`
export const hubDevice = (device: string, bundles: string[] = [BUNDLE]): HubDevice => ({
  ...{ device, bundles },
  secretHash: createHash('sha256').update(secretOf(device)).digest('hex'),
})

/** An embedded broker on a free port with the devices cam-1 and cam-2, which may fetch ARTIFACT; it ends with the test. */
export async function startEmbedded(options: Partial<EmbeddedBrokerOptions> = {}) {
  const messages: { topic: string; payload: string }[] = []
  const gone: string[] = []
  const refused: string[] = []
  const access = createAccess({
    ...{ fleet: FLEET, devices: [hubDevice('cam-1'), hubDevice('cam-2')], codes: [CODE] },
    mayFetch: (bundles, artifact) => bundles.includes(BUNDLE) && artifact === ARTIFACT,
  })
  const broker = createEmbeddedBroker({
    ...{ fleet: FLEET, host: '127.0.0.1', port: 0, access, clock: { now: () => Date.now(), monotonic: () => performance.now() } },
    log: (_level, _message, detail) => refused.push(String(detail?.['reason'])),
    events: {
      onMessage: (topic, payload) => messages.push({ topic, payload: Buffer.from(payload).toString() }),
      onDeviceGone: (device) => gone.push(device),
      onState: () => undefined,
    },
    ...options,
  })
  const { url, localUrl } = await broker.start()
  onTestFinished(() => broker.stop())
  return { broker, access, messages, gone, refused, url, localUrl, port: Number(new URL(url).port) }
}
