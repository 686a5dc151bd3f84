import type { RolloutPlan } from '../../../../shared/domain/rollout/plan.ts'
import { finding, type Finding } from './finding.ts'

/** What nobody sees but terminals and screens obey: control characters, and those that turn the direction of writing. */
const unseen = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/u

/** Names and notes that do not say what they seem to. A note may have lines and tabs. */
export function checkWords({ name, note, waves }: RolloutPlan): Finding[] {
  const names = [{ path: 'name', text: name }, ...waves.map((wave, i) => ({ path: `waves[${i}].name`, text: wave.name }))]
  const lines = { path: 'note', text: note.replace(/[\t\r\n]/g, ' ') }
  return [
    ...[...names, lines].flatMap(({ path, text }) =>
      unseen.test(text) ? [finding('error', 'text.unseen', path, 'There are control characters in it, which nobody sees.')] : [],
    ),
    ...names.flatMap(({ path, text }) =>
      text !== '' && text.trim() === ''
        ? [finding('error', 'text.blank', path, 'There are only blanks in it: leave it out, or write a name.')]
        : [],
    ),
  ]
}
