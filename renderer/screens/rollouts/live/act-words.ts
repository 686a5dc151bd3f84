import { shellWord } from '../../../components/copy.tsx'
import { plural } from '../../../components/format.ts'
import type { RolloutDetail } from '../../../../shared/rpc/contract/rollouts.ts'
import { waveTitle } from './rollout-words.ts'

/** What a person does with a rollout as a whole. */
export const actVerbs = [
  'start',
  'approve',
  'refuse',
  'pause',
  'halt',
  'resume',
  'stop',
  'revert',
  'letThrough',
  'promote',
  'discard',
  'remove',
  'retry',
] as const
export type ActVerb = (typeof actVerbs)[number]

/** An act before it is confirmed: the verb, and the wave that is let through or the devices that are tried again. */
export interface Act {
  verb: ActVerb
  wave?: number
  query?: string
}

export interface ActWords {
  /** On the button of the page. */
  button: string
  title: string
  /** On the button that does it. */
  action: string
  /** What it does now. */
  does: string
  isDangerous: boolean
  /** A reason is kept in the log. */
  hasReason: boolean
}

type Words = Omit<ActWords, 'isDangerous' | 'hasReason'>

const versionOf = ({ model, version }: RolloutDetail): string => `${model} ${version}`
const havingIt = ({ committed, counts }: RolloutDetail): number => committed + (counts.shadowing ?? 0) + (counts.splitting ?? 0)

const words: Record<ActVerb, (of: RolloutDetail, act: Act) => Words> = {
  start: (of) => ({
    button: 'Start rollout',
    title: `Start ${of.name}`,
    action: 'Start rollout',
    does:
      of.needsApproval === null
        ? 'The first wave gets the order as soon as its time and its windows allow.'
        : `Nothing is sent yet: it waits for approval first. ${of.needsApproval}`,
  }),
  approve: (of) => ({
    button: 'Approve',
    title: `Approve ${of.name}`,
    action: 'Approve',
    does: 'It begins as soon as its time and its windows allow. Your name and the reason are kept.',
  }),
  refuse: (of) => ({
    button: 'Refuse',
    title: `Refuse ${of.name}`,
    action: 'Refuse',
    does: 'Nothing is sent: the rollout is a draft again, with your reason in its log.',
  }),
  pause: (of) => ({ button: 'Pause', title: `Pause ${of.name}`, action: 'Pause', does: of.effects.pause }),
  halt: (of) => ({ button: 'Halt', title: `Halt ${of.name}`, action: 'Halt', does: of.effects.halt }),
  resume: (of) => ({
    button: 'Resume',
    title: `Resume ${of.name}`,
    action: 'Resume',
    does: 'It goes on where it was. Failures that were seen until now do not stop it again.',
  }),
  stop: (of) => ({ button: 'Stop & keep', title: `Stop ${of.name}, keep the version`, action: 'Stop & keep', does: of.effects.stop }),
  revert: (of) => ({
    button: 'Stop & revert',
    title: `Stop ${of.name}, take the version back`,
    action: 'Stop & revert',
    does: of.effects.revert,
  }),
  letThrough: (of, { wave }) => ({
    button: 'Let through',
    title: 'Let the next wave begin',
    action: 'Let through',
    does: letThroughText(of, wave ?? of.wave ?? 0),
  }),
  promote: (of) => ({
    button: 'Promote',
    title: `Promote ${versionOf(of)}`,
    action: 'Promote',
    does: `${versionOf(of)} becomes the active version on the ${plural(havingIt(of), 'device')} that have it. What runs there now stays as the last good version.`,
  }),
  discard: (of) => ({
    button: 'Discard',
    title: `Discard ${versionOf(of)}`,
    action: 'Discard',
    does: `${versionOf(of)} is taken away from ${plural(havingIt(of), 'device')}; the incumbent goes on alone. What was compared stays.`,
  }),
  remove: (of) => ({
    button: 'Remove draft',
    title: `Remove ${of.name}`,
    action: 'Remove draft',
    does: 'The draft and its log are gone. Nothing was sent to a device.',
  }),
  retry: (of, { query }) => ({
    button: 'Try again',
    title: `Offer ${versionOf(of)} once more`,
    action: 'Try again',
    does: `Devices that failed are offered the version once more, with the same pace and gates; penalties are lifted. ${query === undefined || query === '' ? 'All that failed in this rollout.' : `Only: ${query}.`}`,
  }),
}

function letThroughText({ waveViews }: RolloutDetail, wave: number): string {
  const [here, next] = [waveViews[wave], waveViews[wave + 1]]
  const gate = here?.gate?.sentence ?? ''
  const then =
    next === undefined ? 'The rollout is done after it.' : `${waveTitle(next)} begins: ${plural(next.targeted, 'device')}, ${next.size}.`
  return `${then} ${gate === '' ? '' : `The gate says: ${gate}`}`.trim()
}

/** What an act is called and what it would do now. */
export function actWords(of: RolloutDetail, act: Act): ActWords {
  const isDangerous = act.verb === 'revert' || act.verb === 'discard' || act.verb === 'remove'
  return { ...words[act.verb](of, act), isDangerous, hasReason: !['start', 'remove', 'retry'].includes(act.verb) }
}

/** What a person added to an act. */
export interface ActChoice {
  why: string
  /** pause: devices that have not activated the version keep from it. */
  halt: boolean
  /** start: an alert does not hold it. */
  despiteAlerts: boolean
}
export const plainChoice: ActChoice = { why: '', halt: false, despiteAlerts: false }

/** The same on the command line. */
export function actCommand({ rollout }: Pick<RolloutDetail, 'rollout'>, act: Act, choice: ActChoice = plainChoice): string {
  const { verb, wave = 0, query = '' } = act
  const why = choice.why.trim()
  const flags = [
    ...(verb === 'stop' || verb === 'revert' ? ['--yes'] : []),
    ...(verb === 'halt' || (verb === 'pause' && choice.halt) ? ['--halt'] : []),
    ...(verb === 'start' && choice.despiteAlerts ? ['--despite-alerts'] : []),
    ...(verb === 'retry' && query !== '' ? ['--query', shellWord(query)] : []),
    ...(why === '' ? [] : ['--reason', shellWord(why)]),
  ]
  // A halt is a pause that reaches further: one verb of the command line.
  const name = verb === 'letThrough' ? ['let-through', rollout, wave + 1] : [verb === 'halt' ? 'pause' : verb, rollout]
  return ['npm run -s muster -- rollouts', ...name, ...flags].join(' ')
}
