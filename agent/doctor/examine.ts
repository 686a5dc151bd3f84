import { join } from 'node:path'
import type { Clock } from '../../shared/domain/clock.ts'
import { loadConfig } from '../config.ts'
import { askStatus } from '../control/socket.ts'
import { readJournal } from '../converge/journal.ts'
import { readIdentity } from '../identity.ts'
import { checkBroker, checkCertificate, checkClock, checkPort } from './check-outside.ts'
import { failedBy, ok, type Finding, type Patient } from './finding.ts'
import {
  checkBacklog,
  checkDeployments,
  checkDetectors,
  checkDurability,
  checkIsolation,
  checkLock,
  checkMemory,
  checkOrder,
  checkRemains,
} from './check-work.ts'
import { checkDirectory, checkDisk, checkModels, checkRuntime, checkSpool } from './check-inside.ts'

/** Runs every check, one after the other. A check that fails, or cannot run, is a finding and never ends the others. */
export async function examine(options: { directory: string; env: NodeJS.ProcessEnv; clock: Clock }): Promise<Finding[]> {
  const { directory, env, clock } = options
  const findings: Finding[] = []
  const learn = async <Value>(check: string, read: () => Value | Promise<Value>): Promise<Value | null> => {
    try {
      return await read()
    } catch (error) {
      findings.push(failedBy(check, error))
      return null
    }
  }
  const identity = await learn('identity', () => readIdentity(directory))
  const config = await learn('config', () => loadConfig({ directory, env, flags: {} }))
  const journal = await learn('journal', () => readJournal(join(directory, 'journal.json')))
  const status = await learn('agent', () => askStatus(directory))
  const patient: Patient = { directory, clock, identity, config, journal, status }
  findings.push(...describe(patient, findings))
  const checks: Record<string, (of: Patient) => Finding | Promise<Finding>> = {
    directory: checkDirectory,
    disk: checkDisk,
    memory: (of) => checkMemory(of),
    database: checkDurability,
    spool: checkSpool,
    backlog: checkBacklog,
    remains: checkRemains,
    models: checkModels,
    deployments: checkDeployments,
    detectors: checkDetectors,
    lock: checkLock,
    runtime: checkRuntime,
    isolation: checkIsolation,
    port: checkPort,
    certificate: checkCertificate,
    broker: checkBroker,
    order: checkOrder,
    clock: checkClock,
  }
  for (const [name, check] of Object.entries(checks)) {
    const finding = await learn(name, () => check(patient))
    if (finding !== null) findings.push(finding)
  }
  return findings
}

function describe({ directory, identity, status }: Patient, already: readonly Finding[]): Finding[] {
  const findings: Finding[] = []
  if (identity !== null) findings.push(ok('identity', `${identity.device} of fleet ${identity.fleet}`))
  else if (!already.some(({ check }) => check === 'identity')) {
    findings.push({
      check: 'identity',
      state: 'failed',
      message: 'This agent has not joined a fleet.',
      hint: 'Run: muster-agent enroll --broker URL --code CODE',
    })
  }
  if (status !== null) findings.push(ok('agent', `runs with pid ${status.pid ?? '?'}`))
  else if (!already.some(({ check }) => check === 'agent')) {
    findings.push({
      check: 'agent',
      state: 'attention',
      message: 'The agent does not run.',
      hint: `Start it: muster-agent run --dir ${directory}`,
    })
  }
  return findings
}
