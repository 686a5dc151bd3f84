import { createHash } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { assign } from '../../../electron/core/deployments/assign.ts'
import { openRegistry } from '../../../electron/core/registry/registry.ts'
import { openFleetStore } from '../../../electron/core/store/fleet/fleet-store.ts'
import { openFleet } from '../../../electron/core/store/fleet/open.ts'
import { openKeyring } from '../../../electron/core/trust/keys.ts'
import { slotContent, type SlotContent } from '../../../shared/protocol/reported.ts'

export const LIGHT_FLEET = 'light'
export const LIGHT_DEPLOYMENT = 'digits'

/** The password of a light device. */
export const lightSecret = (device: string): string => `secret of ${device}`

/**
 * Fills an empty data directory, while no console runs: two versions that are really imported, and devices that are ordered to have the first one.
 * @returns the versions, as slots hold them
 */
export async function fillLightFleet(
  dataDirectory: string,
  devices: readonly string[],
): Promise<{ before: SlotContent; target: SlotContent }> {
  mkdirSync(dataDirectory, { recursive: true, mode: 0o700 })
  const now = Date.now()
  const db = openFleet(join(dataDirectory, 'fleet.db'))
  const store = openFleetStore(db)
  const keyring = openKeyring(join(dataDirectory, 'keys'))
  const registry = openRegistry({
    ...{ db, keyring, now: () => now },
    ...{ artifactDirectory: join(dataDirectory, 'artifacts'), workDirectory: join(dataDirectory, 'work') },
  })
  try {
    store.transact(() => {
      store.settings.set('fleet', LIGHT_FLEET)
      store.settings.set('fleetName', 'Light fleet')
      store.settings.set('isSetUp', true)
    })
    const slots: SlotContent[] = []
    for (const version of ['1.0.0', '1.1.0']) {
      const { digest } = await registry.import({
        ...{ modelPath: `build/samples/digits/digits-${version}.onnx`, modelFileName: `digits-${version}.onnx` },
        ...{ trainPath: 'build/samples/digits/train.csv', holdoutPath: 'build/samples/digits/holdout.csv' },
        ...{ signal: new AbortController().signal, progress: () => undefined },
      })
      slots.push(slotContent.parse({ digest, model: 'digits', version, since: now - 86_400_000 }))
    }
    const [before, target] = slots as [SlotContent, SlotContent]
    const parts = { store, fleet: LIGHT_FLEET, keyring, reference: (digest: string) => registry.reference(digest) }
    store.transact(() => {
      for (const [i, device] of devices.entries()) {
        const secretHash = createHash('sha256').update(lightSecret(device)).digest('hex')
        store.devices.enrol({ device, secretHash, labels: { site: `site-${i % 20}` }, enrolledAt: now - 86_400_000 + i })
        const row = { device, deployment: LIGHT_DEPLOYMENT, digest: before.digest, model: 'digits', version: before.version, terms: {} }
        store.deployments.put({ ...row, orderedAt: now - 3_600_000, asked: null, beside: null })
        assign(parts, device, { now: now - 3_600_000 })
      }
      db.exec('DELETE FROM outbox')
    })
    return { before, target }
  } finally {
    await registry.stop()
    db.close()
  }
}
