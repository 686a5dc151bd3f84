import type { Clock } from '../../../shared/domain/clock.ts'
import { Problem, problemFrom } from '../../../shared/domain/problem.ts'
import type { Log } from '../log.ts'
import { isLoopback } from '../setup/broker-setting.ts'
import type { Access } from './access.ts'
import type { Broker, BrokerEvents } from './broker.ts'
import { createEmbeddedBroker } from './embedded.ts'
import { createExternalBroker } from './external.ts'
import type { HubOptions } from './messages.ts'

/**
 * Makes the broker that the options ask for.
 * @throws Problem `broker.tls-required` for a listener that other machines reach without TLS; why there is no certificate
 */
export function createBroker(
  { broker, fleet, tls = null, tlsProblem = null, isOldPlaintext = false }: HubOptions,
  parts: { access: Access; clock: Clock; log: Log; events: BrokerEvents },
): Broker {
  // Never without TLS where somebody has switched it on.
  if (tlsProblem !== null) throw problemFrom(tlsProblem)
  if (broker.kind === 'external') {
    const { url, username, password } = broker
    return createExternalBroker({ fleet, url, username, password, tls, log: parts.log, events: parts.events })
  }
  const { host, port } = broker
  if (broker.tls === undefined || tls === null) {
    if (!isLoopback(host) && !isOldPlaintext)
      throw new Problem('broker.tls-required', `Other machines reach the broker at ${host}, so it must speak TLS.`)
    return createEmbeddedBroker({ fleet, host, port, ...parts })
  }
  return createEmbeddedBroker({ fleet, host, port, tls: { ...tls, localPort: broker.tls.localPort }, ...parts })
}
