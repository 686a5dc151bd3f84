import { deploymentPath } from './deep-links.ts'
import { counted, shortened, type FleetHealth } from './fleet-health.ts'

/** A message of the system; a click opens the page. */
export interface Note {
  title: string
  body: string
  path: string
}

/**
 * What changed for the worse, or back, and is worth interrupting somebody for. Nothing at the start: what was so already is in the window.
 * A device that goes offline is no news by itself; a fleet of thousands would never be quiet.
 */
export function notesOf(before: FleetHealth | null, now: FleetHealth): Note[] {
  if (before === null) return []
  return [...brokerNotes(before, now), ...storeNotes(before, now), ...failureNotes(before, now)]
}

const isDown = ({ broker }: FleetHealth): boolean => broker.state === 'unreachable' || broker.state === 'stopped'

function brokerNotes(before: FleetHealth, now: FleetHealth): Note[] {
  if (!isDown(before) && isDown(now)) {
    const reason = now.broker.problem === null ? '' : ` ${shortened(now.broker.problem, 200)}`
    return [
      { title: `The broker is ${now.broker.state}`, body: `Devices keep what they measure until it is back.${reason}`, path: '/settings' },
    ]
  }
  if (isDown(before) && now.broker.state === 'running') {
    return [{ title: 'The broker is back', body: `${counted(now.devices.online, 'device')} online.`, path: '/' }]
  }
  return []
}

function storeNotes(before: FleetHealth, now: FleetHealth): Note[] {
  if (before.storeProblem !== null || now.storeProblem === null) return []
  return [{ title: 'Telemetry cannot be stored', body: shortened(now.storeProblem, 200), path: '/' }]
}

/** One message for everything that failed since the last look, not one per device. */
function failureNotes(before: FleetHealth, now: FleetHealth): Note[] {
  const worse = [...now.failed].filter(([deployment, failed]) => failed > (before.failed.get(deployment) ?? 0))
  const first = worse[0]
  if (first === undefined) return []
  const devices = worse.reduce((total, [deployment, failed]) => total + failed - (before.failed.get(deployment) ?? 0), 0)
  return worse.length === 1
    ? [
        {
          title: `${counted(devices, 'device')} refused an order`,
          body: `Deployment ${shortened(first[0], 64)}. What ran before goes on.`,
          path: deploymentPath(first[0]),
        },
      ]
    : [
        {
          title: `${counted(devices, 'device')} refused an order`,
          body: `In ${worse.length} deployments. What ran before goes on.`,
          path: '/deployments',
        },
      ]
}
