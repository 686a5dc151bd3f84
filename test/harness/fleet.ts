import { createHash, createHmac } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { openFleetStore, type FleetStore } from '../../electron/core/store/fleet/fleet-store.ts'
import { openFleet } from '../../electron/core/store/fleet/open.ts'
import { deviceId, bootId } from '../../shared/domain/ids.ts'
import { enrolRequestProofText, parseEnrolmentCode, type EnrolRequestMessage } from '../../shared/protocol/enrolment.ts'
import { reportedMessage, type ReportedMessage } from '../../shared/protocol/reported.ts'

/** 2026-01-01T00:00:00Z: the moment at which tests begin. */
export const T0 = Date.UTC(2026, 0, 1)

/** A folder of its own for one test, gone when the test ends. */
export function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'muster-test-'))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  return directory
}

/** A real fleet.db in a folder of its own. */
export function fleetStore(directory = temporaryDirectory()): FleetStore {
  const db = openFleet(join(directory, 'fleet.db'))
  onTestFinished(() => void db.close())
  return openFleetStore(db)
}

/** Enrols a device as if it had come with a code. */
export function enrolled(store: FleetStore, device: string, labels: Record<string, string> = {}): void {
  store.devices.enrol({ device, secretHash: createHash('sha256').update(device).digest('hex'), labels, enrolledAt: T0 })
}

/** A request to enrol, with the proof that a code's holder can make. */
export function enrolRequest(code: string, change: Partial<EnrolRequestMessage> = {}): EnrolRequestMessage {
  const { id, secret } = parseEnrolmentCode(code)!
  const request = {
    v: 1 as const,
    sentAt: T0,
    request: 'r'.repeat(16),
    codeId: id,
    device: deviceId.parse('cam-12'),
    secretHash: 'a'.repeat(64),
    agentVersion: '0.1.0',
    ...change,
  }
  return { ...request, proof: change.proof ?? createHmac('sha256', secret).update(enrolRequestProofText(request)).digest('hex') }
}

/** A report of a device, with what a test wants to differ. */
export function report(device: string, change: Partial<ReportedMessage> = {}): ReportedMessage {
  return reportedMessage.parse({
    v: 1,
    sentAt: T0,
    device,
    boot: bootId.parse('boot-1'),
    sequence: 1,
    facts: {
      os: 'linux',
      arch: 'arm64',
      hostname: device,
      cpus: 4,
      memoryBytes: 4e9,
      diskFreeBytes: 1e9,
      agentVersion: '0.1.0',
      runtimeVersion: '1.30.0',
      executionProviders: ['cpu'],
      httpUrl: null,
    },
    assignmentCounter: 0,
    assignmentProblem: null,
    deployments: {},
    ...change,
  })
}
