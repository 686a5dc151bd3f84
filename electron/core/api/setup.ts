import { slug } from '../../../shared/domain/ids.ts'
import type { BrokerChoice, BrokerShown } from '../../../shared/rpc/contract/setup.ts'
import type { ResultOf } from '../../../shared/rpc/contract.ts'
import type { CommandContext, Handlers } from '../../../shared/rpc/dispatch.ts'
import { brokerOf, defaultBroker, isSameBroker, shownBroker } from '../setup/broker-setting.ts'
import { checkBroker } from '../setup/check-broker.ts'
import type { ApiParts } from './parts.ts'

type Names = 'setup.show' | 'setup.complete' | 'setup.checkBroker' | 'settings.show' | 'settings.update'

/** Handlers of `setup.*` and `settings.*`: what a person decides about the console itself. */
export function setupHandlers(parts: ApiParts): Pick<Handlers, Names> {
  const { store } = parts
  // The keys of people are made for a fleet by its id.
  const canRename = (): boolean => store.devices.counts().enrolled === 0 && parts.keyring.offline() === null
  return {
    'setup.show': () => setupShown(parts, parts.fleet, brokerNow(parts)),
    'setup.complete': ({ fleetName, broker }, context) => {
      const fleet = canRename() ? slug(fleetName, 'fleet') : parts.fleet
      const isRenamed = fleet !== parts.fleet
      if (isRenamed) {
        store.settings.set('fleet', fleet)
        // A code carries the id of its fleet, and so do the topics of what waits to be said.
        store.enrolment.burnAll()
        store.outbox.clear()
      }
      store.settings.set('fleetName', fleetName)
      store.settings.set('isSetUp', true)
      const shown = storeBroker(parts, broker, context, isRenamed)
      context.afterCommit(() => parts.changed('setup', 'system'))
      return setupShown(parts, fleet, shown)
    },
    'setup.checkBroker': async ({ broker, fleetName }) =>
      checkBroker(brokerOf(broker, stored(parts)), {
        fleet: fleetName !== undefined && canRename() ? slug(fleetName, 'fleet') : parts.fleet,
        running: parts.hub().broker.state === 'running' ? parts.broker() : null,
        tls: await parts.deviceTrust.office.consoleTls(),
      }),
    'settings.show': () => settingsShown(parts, brokerNow(parts)),
    'settings.update': ({ fleetName, broker, limitBytesPerSecond }, context) => {
      if (fleetName !== undefined) store.settings.set('fleetName', fleetName)
      const shown = broker === undefined ? brokerNow(parts) : storeBroker(parts, broker, context, false)
      if (limitBytesPerSecond !== undefined) {
        store.settings.set('limitBytesPerSecond', limitBytesPerSecond)
        context.afterCommit(() => {
          parts.hub().setLimit(limitBytesPerSecond)
          parts.changed('transfers')
        })
      }
      context.afterCommit(() => parts.changed('setup', 'system'))
      return settingsShown(parts, shown)
    },
  }
}

function stored({ store }: ApiParts) {
  return store.settings.get('broker') ?? defaultBroker
}

/**
 * Keeps the chosen broker and, after the commit, starts the hub anew if it must follow: other options, or one that does not serve.
 * @returns the broker that counts from then on
 */
function storeBroker(parts: ApiParts, choice: BrokerChoice, context: CommandContext, isRenamed: boolean): BrokerShown {
  const before = parts.broker()
  parts.store.settings.set('broker', brokerOf(choice, stored(parts)))
  if (!isRenamed && isSameBroker(before, parts.broker()) && parts.hub().broker.state === 'running') return brokerNow(parts)
  context.afterCommit(() => parts.onHubOptions())
  return shownBroker(parts.broker(), { url: null, isFromFlags: parts.hasBrokerFlags })
}

function setupShown(parts: ApiParts, fleet: string, broker: BrokerShown): ResultOf<'setup.show'> {
  const { store } = parts
  const { enrolled } = store.devices.counts()
  return {
    isDone: parts.isSetUp(),
    fleet,
    fleetName: store.settings.get('fleetName') ?? fleet,
    broker,
    canRename: enrolled === 0 && parts.keyring.offline() === null,
  }
}

function settingsShown(parts: ApiParts, broker: BrokerShown): ResultOf<'settings.show'> {
  const { store } = parts
  const kept = store.settings.get('broker')
  return {
    fleet: parts.fleet,
    fleetName: store.settings.get('fleetName') ?? parts.fleet,
    broker,
    storedBroker: kept === undefined ? null : shownBroker(kept, { url: null, isFromFlags: false }),
    limitBytesPerSecond: store.settings.get('limitBytesPerSecond') ?? null,
  }
}

function brokerNow(parts: ApiParts): BrokerShown {
  return shownBroker(parts.broker(), { url: parts.brokerUrl(), isFromFlags: parts.hasBrokerFlags })
}
