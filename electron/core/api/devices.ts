import { attributes } from '../../../shared/domain/query/attributes.ts'
import type { ResultOf } from '../../../shared/rpc/contract.ts'
import type { Handlers } from '../../../shared/rpc/dispatch.ts'
import { labelsInUse, requireDevice, selectDevices, summaryOf } from '../devices/summary.ts'
import { why } from '../devices/why.ts'
import { createEnrolmentCode } from '../enrolment/enrol.ts'
import type { ApiParts } from './parts.ts'

type Names = 'devices.list' | 'devices.show' | 'devices.attributes' | 'devices.setLabels' | 'devices.createCode' | 'devices.remove'

const RECENT_EVENTS = 50

/** Handlers of `devices.*`. */
export function devicesHandlers(parts: ApiParts): Pick<Handlers, Names> {
  const { store, now } = parts
  return {
    'devices.list': ({ query, limit, after }) => {
      const selected = selectDevices(store, query)
      const from = after === undefined ? 0 : selected.findIndex((row) => row.device > after)
      const page = from < 0 ? [] : selected.slice(from, from + limit)
      const isMore = from >= 0 && from + limit < selected.length
      return {
        devices: page.map((row) => summaryOf(row, store.deployments.ofDevice(row.device))),
        total: selected.length,
        next: isMore ? page.at(-1)!.device : null,
      }
    },
    'devices.show': ({ device }) => showDevice(parts, device),
    'devices.attributes': () => {
      const labels = [...labelsInUse(store.devices.all())]
      return [
        ...Object.entries(attributes).map(([attribute, { type, summary }]) => ({ attribute, type, summary })),
        ...labels.map((label) => ({ attribute: label, type: 'text' as const, summary: `Label ${label}.` })),
      ]
    },
    'devices.setLabels': ({ query, labels }, context) => {
      const selected = selectDevices(store, query)
      for (const row of selected) {
        const changed = { ...row.labels, ...labels }
        store.devices.setLabels(
          row.device,
          Object.fromEntries(Object.entries(changed).filter((entry): entry is [string, string] => entry[1] !== null)),
        )
      }
      context.afterCommit(() => parts.changed('devices'))
      return { devices: selected.map((row) => row.device) }
    },
    'devices.createCode': ({ device, labels, minutes }, context) => {
      const made = createEnrolmentCode(store, { fleet: parts.fleet, device: device ?? null, labels, minutes, now: now() })
      context.afterCommit(parts.onCodesChanged)
      const brokerUrl = parts.brokerUrl()
      return {
        code: made.code,
        expiresAt: made.expiresAt,
        brokerUrl,
        command: `npm run -s muster-agent -- enroll --broker ${brokerUrl} --code ${made.code}`,
      }
    },
    'devices.remove': ({ device }, context) => {
      requireDevice(store, device)
      store.devices.remove(device)
      context.afterCommit(() => {
        parts.onDevicesChanged([], [device])
        parts.changed('devices', 'deployments')
      })
      return { device }
    },
  }
}

function showDevice({ store, telemetry, now }: ApiParts, device: string): ResultOf<'devices.show'> {
  const row = requireDevice(store, device)
  const desired = store.deployments.ofDevice(device)
  const assignment = store.deployments.assignment(device)
  return {
    ...summaryOf(row, desired),
    assignment:
      assignment === null
        ? null
        : {
            counter: assignment.counter,
            appliedCounter: row.reported?.assignmentCounter ?? 0,
            issuedAt: assignment.issuedAt,
            expiresAt: assignment.expiresAt,
            problem: row.reported?.assignmentProblem ?? null,
          },
    why: Object.fromEntries(desired.map((one) => [one.deployment, why(row, one, now())])),
    events: telemetry.events(device, RECENT_EVENTS),
  }
}
