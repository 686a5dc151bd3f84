import type { DeskDecision, DeskOutcome, DeskVote, Truth } from '../store/fleet/desk.ts'

/** Two values of a regression that differ by less than this share of the larger one are the same label: nobody reads a scale twice alike. */
const SAME_VALUE = 0.01

/**
 * What the votes make of a row. It is settled when as many labels agree as are needed, disputed when as many were given and do not, skipped
 * when everybody who saw it passed it on, else open. A decision overrules all of it.
 */
export function outcomeOf(votes: readonly DeskVote[], decision: DeskDecision | null, needed: number): DeskOutcome {
  if (decision !== null) return { state: 'settled', actual: decision.label, source: 'decision', settledAt: decision.at }
  const labels = votes.filter((vote): vote is DeskVote & { label: Truth } => vote.label !== null)
  const nothing = { actual: null, source: null, settledAt: null }
  const agreed = largestGroup(labels)
  if (agreed.length >= needed) {
    const by = agreed.slice(0, needed)
    return {
      state: 'settled',
      actual: middleOf(agreed.map(({ label }) => label)),
      source: agreed.every(({ source }) => source === 'import') ? 'import' : 'desk',
      // The vote that made it so many; a later one changes nothing.
      settledAt: Math.max(...by.map(({ at }) => at)),
    }
  }
  if (labels.length >= needed) return { state: 'disputed', ...nothing }
  return { state: labels.length === 0 && votes.length > 0 ? 'skipped' : 'open', ...nothing }
}

/** The most votes that agree with one of them; of equally many, those that came first. */
function largestGroup<Vote extends { label: Truth }>(votes: readonly Vote[]): Vote[] {
  let best: Vote[] = []
  for (const { label } of votes) {
    const group = votes.filter((other) => agree(label, other.label))
    if (group.length > best.length) best = group
  }
  return best
}

/** True if two labels say the same. */
export function agree(a: Truth, b: Truth): boolean {
  if (typeof a !== 'number' || typeof b !== 'number') return String(a) === String(b)
  return Math.abs(a - b) <= SAME_VALUE * Math.max(Math.abs(a), Math.abs(b))
}

/** Of classes the class, of values that agree their mean. */
function middleOf(labels: readonly Truth[]): Truth {
  const [first] = labels
  if (typeof first !== 'number') return first!
  const values = labels.map(Number)
  return values.reduce((sum, value) => sum + value / values.length, 0)
}
