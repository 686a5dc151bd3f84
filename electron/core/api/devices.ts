import { Problem } from '../../../shared/domain/problem.ts'
import { attributes } from '../../../shared/domain/query/attributes.ts'
import type { Handlers } from '../../../shared/rpc/dispatch.ts'
import { applyLabels, previousOf } from '../devices/labels.ts'
import { summaryOf } from '../devices/listed-device.ts'
import { predictOnDevice } from '../devices/predict.ts'
import { showDevice } from '../devices/show.ts'
import { labelsInUse, requireDevice, selectDevices, selectEntries } from '../devices/summary.ts'
import { createEnrolmentCode, takeBackCodes } from '../enrolment/codes.ts'
import { joinCommands } from '../enrolment/join-commands.ts'
import { whyByRollout } from '../rollout/explain/handler.ts'
import { checkMayDecide } from './device-trust.ts'
import type { ApiParts } from './parts.ts'

type Names =
  | 'devices.list'
  | 'devices.show'
  | 'devices.predict'
  | 'devices.attributes'
  | 'devices.setLabels'
  | 'devices.restoreLabels'
  | 'devices.setNote'
  | 'devices.createCode'
  | 'devices.remove'
  | 'devices.removeMany'

/** Handlers of `devices.*`. */
export function devicesHandlers(parts: ApiParts): Pick<Handlers, Names> {
  const { store, now } = parts
  return {
    'devices.list': ({ query, limit, after }) => {
      const selected = selectEntries(store, query)
      const from = after === undefined ? 0 : selected.findIndex(({ row }) => row.device > after)
      const page = from < 0 ? [] : selected.slice(from, from + limit)
      const isMore = from >= 0 && from + limit < selected.length
      return {
        devices: page.map((entry) => summaryOf(entry, now())),
        total: selected.length,
        next: isMore ? page.at(-1)!.row.device : null,
      }
    },
    'devices.show': ({ device }) =>
      showDevice({ store, telemetry: parts.telemetry, whyByRollout: whyByRollout(parts.rollouts.atHand(), now()) }, device, now()),
    'devices.predict': (asked) => predictOnDevice(parts, asked),
    'devices.attributes': () => {
      const labels = [...labelsInUse(store.roster.all())]
      return [
        ...Object.entries(attributes).map(([attribute, { type, summary }]) => ({ attribute, type, summary })),
        ...labels.map((label) => ({ attribute: label, type: 'text' as const, summary: `Label ${label}.` })),
      ]
    },
    'devices.setLabels': ({ query, labels }, context) => {
      const selected = selectDevices(store, query)
      const previous = previousOf(selected, labels)
      applyLabels(store, selected, labels)
      context.afterCommit(() => parts.changed('devices'))
      return { devices: selected.map((row) => row.device), previous }
    },
    'devices.restoreLabels': ({ previous }, context) => {
      const devices = new Set<string>()
      const missing = new Set<string>()
      for (const { labels, devices: names } of previous) {
        const rows = names.flatMap((name) => store.devices.find(name) ?? [])
        applyLabels(store, rows, labels)
        for (const row of rows) devices.add(row.device)
        for (const name of names) if (!devices.has(name)) missing.add(name)
      }
      context.afterCommit(() => parts.changed('devices'))
      return { devices: [...devices], missing: [...missing] }
    },
    'devices.setNote': ({ device, text }, context) => {
      requireDevice(store, device)
      const previous = store.notes.find(device)?.text ?? ''
      if (text === '') store.notes.remove(device)
      else store.notes.put({ device, text, notedAt: now(), notedBy: context.caller.actor.slice(0, 128) })
      context.afterCommit(() => parts.changed('devices'))
      return { device, previous }
    },
    'devices.createCode': ({ device, labels, minutes, confirm }, context) => {
      checkMayDecide(confirm, context.caller)
      const wish = { fleet: parts.fleet, device: device ?? null, labels, minutes, confirm: confirm ?? null, now: now() }
      const made = createEnrolmentCode(store, wish)
      context.afterCommit(parts.onCodesChanged)
      const brokerUrl = parts.enrolUrl()
      return {
        code: made.code,
        expiresAt: made.expiresAt,
        brokerUrl,
        confirms: confirm ?? parts.deviceTrust.policy().confirms,
        ...joinCommands({ code: made.code, brokerUrl, broker: parts.broker() }),
      }
    },
    'devices.remove': ({ device }, context) => {
      requireDevice(store, device)
      removeDevice(parts, device)
      context.afterCommit(() => {
        parts.onDevicesChanged([], [device])
        parts.onCodesChanged()
        parts.changed('devices', 'deployments')
      })
      return { device }
    },
    'devices.removeMany': ({ query, expect }, context) => {
      const devices = selectDevices(store, query).map((row) => row.device)
      if (devices.length !== expect)
        throw new Problem(
          'device.selection-changed',
          `${devices.length} devices match '${query}' now, not the ${expect} that were confirmed. Nothing was removed.`,
        )
      for (const device of devices) removeDevice(parts, device)
      context.afterCommit(() => {
        parts.onDevicesChanged([], devices)
        parts.onCodesChanged()
        parts.changed('devices', 'deployments')
      })
      return { devices }
    },
  }
}

/** Its certificates stay on the list of what was taken back: they name a device that may come again under the same id. */
function removeDevice({ store, now }: ApiParts, device: string): void {
  store.certificates.revokeAll(device, now(), 'removed from the fleet')
  takeBackCodes(store, device, now())
  const row = store.devices.find(device)
  if (row !== null) store.formerDevices.note({ device, enrolledAt: row.enrolledAt, leftAt: now() })
  store.devices.remove(device)
}
