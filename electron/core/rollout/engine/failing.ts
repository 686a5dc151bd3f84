import type { DeviceHappening } from '../../../../shared/domain/rollout/life.ts'
import type { RolloutDevice } from '../rollout-run.ts'
import type { Draft } from './draft.ts'
import type { DeviceFacts } from './facts.ts'
import { counted, spanWords } from './words.ts'

type Failing = Extract<DeviceHappening, 'fail' | 'reject' | 'time-out' | 'fall-back'>

/** A device did not come to serve the version: what it says, when it is tried again, and whether it failed so often that it has to wait. */
export function failDevice(draft: Draft, device: RolloutDevice, how: { happening: Failing; facts: DeviceFacts; now: number }): void {
  const { happening, facts, now } = how
  const { retry } = draft.run.plan
  const problem = happening === 'time-out' ? timeOutProblem(draft, device) : plain(facts.problem)
  const isPassing =
    happening === 'time-out' || (happening !== 'reject' && facts.problem?.isPassing === true && !isDoneByPerson(facts.problem))
  const mayRetry = isPassing && device.attempts > 0 && device.attempts <= retry.attempts
  const waitMs = retry.backoffSeconds * retry.factor ** Math.max(0, device.attempts - 1) * 1000
  const notBefore = mayRetry ? now + Math.round(waitMs) : null
  const again = mayRetry ? ` It is tried again in ${spanWords(waitMs)} (try ${device.attempts + 1} of ${retry.attempts + 1}).` : ''
  draft.device(device.device, happening, `${sentenceOf(device, happening, problem)}${again}`, { problem, notBefore })
  if (notBefore !== null) draft.wake(notBefore)
  if (happening !== 'fail' && happening !== 'fall-back') return
  const failures = draft.run.devices.get(device.device)!.failures
  if (failures < retry.penaltyFailures) return
  const until = now + retry.penaltySeconds * 1000
  const sentence = `${device.device} failed ${counted(failures, 'time')} with ${versionOf(draft)} and waits ${spanWords(retry.penaltySeconds * 1000)}.`
  draft.mark('penalty', sentence, { device: device.device, wave: device.wave, detail: { until, failures, problem } })
}

/** Somebody at the device took the version back: it is not for the engine to undo that. */
function isDoneByPerson({ code }: { code: string }): boolean {
  return code.startsWith('revert.')
}

/** Name and version that a rollout is about. */
export function versionOf({ run }: Pick<Draft, 'run'>): string {
  const { model, version } = run.target ?? run.plan
  return `${model} ${version}`
}

function timeOutProblem({ run }: Draft, { state }: RolloutDevice): { code: string; message: string } {
  const code = 'rollout.timed-out'
  if (state === 'unreachable') return { code, message: 'It went away while it worked on the order and has not come back.' }
  const { timeouts } = run.plan
  const seconds = state === 'fetching' || state === 'staged' || state === 'probing' ? timeouts[state] : timeouts.offered
  return { code, message: `It was ${stageWords(state)} for ${spanWords(seconds * 1000)}, which is as long as that may take.` }
}

function stageWords(state: RolloutDevice['state']): string {
  return state === 'offered' || state === 'activating' ? 'silent about the order' : state
}

function plain(problem: DeviceFacts['problem']): { code: string; message: string } {
  if (problem === null) return { code: 'internal', message: 'The device gave no reason.' }
  return { code: problem.code, message: problem.message }
}

function sentenceOf({ device }: RolloutDevice, happening: Failing, problem: { code: string; message: string }): string {
  const because = `${problem.message} (${problem.code})`
  switch (happening) {
    case 'fail':
      return `The version failed on ${device}: ${because}`
    case 'reject':
      return `${device} cannot take the version: ${because}`
    case 'time-out':
      return `${device} has timed out. ${problem.message}`
    case 'fall-back':
      return `${device} went back from the version: ${because}`
  }
}
