import { describe, expect, test } from 'vitest'
import { deviceHealth, LOW_DISK_BYTES, type HealthFacts } from '../../../../shared/domain/device-health.ts'
import { reportedDeployment, type ReportedDeployment } from '../../../../shared/protocol/reported.ts'
import { report } from '../../../harness/fleet.ts'

const wanted = { deployment: 'main', digest: 'b'.repeat(64), model: 'digits', version: '1.1.0' }
const problem = { code: 'probe.timeout', message: 'too slow' }

function place(
  change: Partial<Record<keyof ReportedDeployment, unknown>> & { runs?: 'wanted' | 'older' | 'nothing' } = {},
): ReportedDeployment {
  const { runs = 'wanted', ...rest } = change
  const digest = runs === 'wanted' ? wanted.digest : 'a'.repeat(64)
  const active = runs === 'nothing' ? null : { digest, model: 'digits', version: runs === 'wanted' ? '1.1.0' : '1.0.0', since: 1 }
  return reportedDeployment.parse({ state: 'active', active, candidate: null, lastGood: null, progress: null, problem: null, ...rest })
}

interface Case {
  name: string
  is: string
  status?: HealthFacts['status']
  ordered?: HealthFacts['ordered']
  main?: ReportedDeployment
  more?: Record<string, ReportedDeployment>
  counter?: number
  newest?: number | null
  refused?: { code: string; message: string }
  diskFreeBytes?: number
  isDropping?: boolean
  isSilent?: boolean
}

const cases: Case[] = [
  { name: 'runs what is ordered', is: 'ok as-ordered', main: place() },
  { name: 'nothing is ordered', is: 'ok no-orders', ordered: [] },
  { name: 'offline with everything in order', is: 'offline offline', status: 'offline', main: place() },
  {
    name: 'offline with a refused order',
    is: 'offline offline',
    status: 'offline',
    main: place({ state: 'rejected', runs: 'older', problem }),
  },
  { name: 'never seen', is: 'offline never-seen', status: 'never-seen', isSilent: true },
  { name: 'connected and has reported nothing yet', is: 'working converging', isSilent: true },
  { name: 'fetches', is: 'working converging', main: place({ state: 'fetching', runs: 'older' }) },
  { name: 'fetches its first', is: 'working converging', main: place({ state: 'fetching', runs: 'nothing' }) },
  { name: 'refused it', is: 'failed refused', main: place({ state: 'rejected', runs: 'older', problem }) },
  { name: 'went back', is: 'failed reverted', main: place({ state: 'reverted', runs: 'older', problem }) },
  { name: 'went back and has nothing', is: 'failed reverted', main: place({ state: 'reverted', runs: 'nothing', problem }) },
  { name: 'serves nothing and has a problem', is: 'failed not-serving', main: place({ state: 'idle', runs: 'nothing', problem }) },
  {
    name: 'serves the older and has a problem',
    is: 'attention deployment-problem',
    main: place({ state: 'fetching', runs: 'older', problem }),
  },
  { name: 'serves the ordered and has a problem', is: 'attention deployment-problem', main: place({ problem }) },
  {
    name: 'refused an older order, the newest is on its way',
    is: 'working converging',
    main: place({ state: 'rejected', runs: 'older', problem }),
    counter: 7,
    newest: 8,
  },
  {
    name: 'could not take the order',
    is: 'attention order-problem',
    main: place({ runs: 'older' }),
    counter: 7,
    newest: 8,
    refused: problem,
  },
  { name: 'gives records up', is: 'attention dropping-records', main: place(), isDropping: true },
  { name: 'is short of disk', is: 'attention disk-low', main: place(), diskFreeBytes: LOW_DISK_BYTES - 1 },
  { name: 'has just enough disk', is: 'ok as-ordered', main: place(), diskFreeBytes: LOW_DISK_BYTES },
  { name: 'a failure outweighs a full disk', is: 'failed refused', main: place({ state: 'rejected', runs: 'older' }), diskFreeBytes: 0 },
  { name: 'serves what was taken off', is: 'working removing', main: place(), more: { old: place() } },
  { name: 'has nothing any more where it was taken off', is: 'ok as-ordered', main: place(), more: { old: place({ runs: 'nothing' }) } },
  { name: 'a name of an object is a name', is: 'working converging', ordered: [{ ...wanted, deployment: 'constructor' }] },
]

describe('the state of a device', () => {
  test.each(cases)('$name: $is', (one) => {
    const reported = report('cam-1', {
      assignmentCounter: one.counter ?? 8,
      assignmentProblem: one.refused ?? null,
      deployments: { ...(one.main === undefined ? {} : { main: one.main }), ...one.more },
    })
    reported.facts.diskFreeBytes = one.diskFreeBytes ?? 1e9
    const { health, cause } = deviceHealth({
      status: one.status ?? 'online',
      reported: one.isSilent === true ? null : reported,
      ordered: one.ordered ?? [wanted],
      orderCounter: one.newest === undefined ? 8 : one.newest,
      isDropping: one.isDropping ?? false,
    })
    expect(`${health} ${cause}`).toBe(one.is)
  })
})
