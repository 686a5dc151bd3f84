import { formatDuration, plural } from '../../../../components/format.ts'
import { fetchText } from '../../../../components/wire-text.ts'
import type { RolloutMethod } from '../../../../../shared/domain/rollout/plan.ts'
import { moneyText } from '../../../../../shared/domain/money.ts'
import type { PlanDraft } from '../plan/plan-draft.ts'
import type { PlanPreview } from '../sections/section-props.ts'

/** What the plan does, in one sentence. */
export function previewSentence(
  { version, alias, targeted, waves }: Pick<PlanPreview, 'version' | 'alias' | 'targeted' | 'waves'>,
  deployment: string,
): string {
  const what = version === null ? 'The version' : `${version.model} ${version.version}${alias === null ? '' : ` (now ${alias})`}`
  if (targeted === 0) return `${what} goes to no device now: none that the query selects can take it.`
  return `${what} goes to ${plural(targeted, 'device')} as ${deployment}, in ${plural(waves.length, 'wave')}.`
}

/** What a forecast comes to, in a line: bytes, money, and the time if nothing fails. */
export function forecastSentence({ bytes, published, money, currency, seconds }: PlanPreview['forecast']): string {
  const parts = [fetchText({ bytes, published })]
  parts.push(money === 0 ? 'free of charge by the price sheet' : moneyText(money, currency))
  parts.push(seconds === null ? 'how long depends on its gates' : `${formatDuration(seconds * 1000)} if nothing fails`)
  return parts.join(', ')
}

const methodSentences: Record<RolloutMethod, string> = {
  replace: 'It takes over on each device once it passed its trial there; until then the device serves what it has.',
  shadow: 'It first runs as a shadow that answers nobody.',
  split: 'It first answers a share of the keys.',
  stage: 'It is first downloaded and checked, and activated by a second order.',
}
const failWords = { revert: 'is taken back', stop: 'is stopped', pause: 'is paused for a person' } as const

/** What pressing Start does, sentence by sentence. */
export function startSentences(draft: PlanDraft, preview: PlanPreview, now: number): string[] {
  const [first] = preview.waves
  const { startAt } = draft.windows
  const begins =
    preview.needsApproval !== null
      ? `It waits for approval first: ${preview.needsApproval}`
      : startAt !== null && startAt > now
        ? `It waits for its time, in ${formatDuration(startAt - now)}.`
        : first === undefined
          ? ''
          : `The first wave begins at once: ${plural(first.devices, 'device')}${preview.waves.length > 1 ? ` of ${preview.targeted}` : ''}.`
  return [
    begins,
    methodSentences[draft.method],
    draft.isComparison ? 'Nothing takes over by itself: you promote or discard it.' : '',
    preview.waves.length > 1 ? 'Each next wave begins when the gate of the last one is through.' : '',
    `A version that is worse beyond chance ${failWords[draft.judge.onFail]}, without you.`,
  ].filter(Boolean)
}
