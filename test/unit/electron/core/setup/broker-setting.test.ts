import { chmodSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { openCertificateOffice } from '../../../../../electron/core/certificates/office.ts'
import { openPreparation } from '../../../../../electron/core/certificates/preparation.ts'
import { createAccess } from '../../../../../electron/core/hub/access.ts'
import { createBroker } from '../../../../../electron/core/hub/create-broker.ts'
import type { BrokerOptions, HubOptions } from '../../../../../electron/core/hub/messages.ts'
import { brokerOf, defaultBroker } from '../../../../../electron/core/setup/broker-setting.ts'
import { tolerate } from '../../../../../electron/core/setup/tolerate.ts'
import { Problem } from '../../../../../shared/domain/problem.ts'
import { T0, temporaryDirectory } from '../../../../harness/fleet.ts'

function problemOf(work: () => unknown): Problem | null {
  try {
    work()
    return null
  } catch (error) {
    return error as Problem
  }
}

it('an external broker on another machine is reached by TLS; one that was stored before goes on, and loopback needs none', () => {
  const choice = (url: string) => ({ kind: 'external', url, username: null }) as const
  for (const url of ['mqtt://broker.plant:1883', 'mqtt://192.168.1.4', 'ws://broker.plant/mqtt'])
    expect(problemOf(() => brokerOf(choice(url), defaultBroker))?.code).toBe('broker.tls-required')
  for (const url of ['mqtts://broker.plant:8883', 'wss://broker.plant/mqtt', 'mqtt://127.0.0.1:1884', 'mqtt://localhost:1884'])
    expect(brokerOf(choice(url), defaultBroker)).toMatchObject({ kind: 'external', url })
  const before: BrokerOptions = { kind: 'external', url: 'mqtt://broker.plant:1883', username: 'muster', password: 'old' }
  expect(brokerOf({ ...choice(before.url), username: 'muster', password: 'new' }, before)).toMatchObject({ password: 'new' })
})

it('with a key that others may read the broker stays down and says why, and is never served without TLS; the console comes up', async () => {
  const directory = temporaryDirectory()
  const broker: BrokerOptions = { kind: 'embedded', host: '0.0.0.0', port: 0, tls: { names: [], localPort: 0 } }
  const open = () => openPreparation(openCertificateOffice({ directory, fleet: () => 'plant', now: () => T0 }), () => broker)
  const sound = open()
  await sound.prepare()
  expect(sound.problem()).toBeNull()
  chmodSync(join(directory, 'server.key.pem'), 0o644)
  const exposed = open()
  await exposed.prepare()
  expect(exposed.problem()).toMatchObject({ code: 'trust.key-exposed' })
  const options = { fleet: 'plant', broker, tls: null, tlsProblem: exposed.problem(), isOldPlaintext: true } as HubOptions
  const parts = {
    access: createAccess({ fleet: 'plant', devices: [], codes: [], mayFetch: () => false }),
    ...{ clock: { now: () => T0, monotonic: () => 0 }, log: () => undefined },
    events: { onMessage: () => undefined, onDeviceGone: () => undefined, onState: () => undefined },
  }
  const failed = problemOf(() => createBroker(options, parts))
  expect(failed?.code).toBe('trust.key-exposed')
  const lines: string[] = []
  tolerate(failed, { hasBrokerFlags: false, log: (_level, message) => void lines.push(message) })
  expect(lines).toHaveLength(1)
  chmodSync(join(directory, 'server.key.pem'), 0o600)
  await exposed.prepare()
  expect(exposed.problem()).toBeNull()
})
