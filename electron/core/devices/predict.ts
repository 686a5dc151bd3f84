import { deploymentName, deviceId } from '../../../shared/domain/ids.ts'
import { isProblemCode, Problem } from '../../../shared/domain/problem.ts'
import { requestSpecs } from '../../../shared/inference/pipeline.ts'
import { tensorsOfRows } from '../../../shared/inference/request-rows.ts'
import type { ParsedInputOf, ResultOf } from '../../../shared/rpc/contract.ts'
import type { ApiParts } from '../api/parts.ts'
import type { DeviceRow } from '../store/fleet/devices.ts'
import { reportedOf, requireDevice } from './summary.ts'

type Asked = ParsedInputOf<'devices.predict'>

/**
 * Asks a deployment of a device, over the broker.
 * @throws Problem `device.not-found`, `input.invalid`, `runtime.not-ready`, `agent.unreachable`, or what the device answered
 */
export async function predictOnDevice(parts: ApiParts, asked: Asked): Promise<ResultOf<'devices.predict'>> {
  const { deployment, timeoutMs } = asked
  const row = requireDevice(parts.store, asked.device)
  const request = requestOf(parts, row, asked)
  const startedAt = parts.now()
  const { status, response } = await parts.hub().ask({ device: row.device, deployment, request, timeoutMs })
  const roundTripMs = Math.max(0, parts.now() - startedAt)
  if (status !== 200) throw problemOf(row.device, status, response)
  return { device: deviceId.parse(row.device), deployment, response, roundTripMs }
}

function requestOf(parts: ApiParts, row: DeviceRow, { deployment, rows, request }: Asked): Record<string, unknown> {
  if (!deploymentName.safeParse(deployment).success) throw new Problem('input.invalid', `'${deployment}' is no name of a deployment.`)
  if ((rows === undefined) === (request === undefined)) throw new Problem('input.invalid', 'Give rows, or a request.')
  if (request !== undefined) return request
  if (rows!.length === 0) throw new Problem('input.invalid', 'There is no row to ask about.')
  const active = reportedOf(row, deployment)?.active
  if (active == null) throw new Problem('runtime.not-ready', `${row.device} has not reported a model in ${deployment}.`)
  const { manifest } = parts.registry.version(active.model, active.version)
  return { inputs: tensorsOfRows(requestSpecs(manifest), rows!) }
}

/** What the device said, under its code where this version knows that one. */
function problemOf(device: string, status: number, response: Record<string, unknown>): Problem {
  const { code, error } = response
  const message = typeof error === 'string' ? error.slice(0, 1500) : `The answer has status ${status}.`
  return new Problem(typeof code === 'string' && isProblemCode(code) ? code : 'inference.failed', `${device}: ${message}`)
}
