import type { OutputGate } from '../../../../shared/rpc/contract/approvals.ts'
import { StateMark, type State } from '../../../components/state-mark.tsx'
import { formatMetric } from '../metrics.ts'
import pageStyles from '../models.module.css'
import { gateWords } from './stage-words.ts'

const states: Record<OutputGate['state'], { state: State; word: string }> = {
  pass: { state: 'ok', word: 'pass' },
  fail: { state: 'failed', word: 'fail' },
  'not enough evidence': { state: 'unsure', word: 'not enough evidence' },
}

/** Each gate with its number, that of the incumbent, the verdict and what it rests on. */
export function GateTable({ gates, incumbent }: { gates: readonly OutputGate[]; incumbent: string | null }) {
  return (
    <div className={pageStyles.scroll} role="region" aria-label="Gates, scrollable" tabIndex={0}>
      <table className={pageStyles.table} aria-label="Gates">
        <thead>
          <tr>
            <th scope="col">Gate</th>
            <th scope="col" data-numeric>
              This version
            </th>
            <th scope="col" data-numeric>
              {incumbent === null ? 'Incumbent' : `Incumbent ${incumbent}`}
            </th>
            <th scope="col">Verdict</th>
            <th scope="col">Why</th>
          </tr>
        </thead>
        <tbody>
          {gates.map(({ gate, state, value, incumbent: other, sentence }) => (
            <tr key={`${gate.metric} ${gate.kind} ${gate.value}`}>
              <th scope="row">{gateWords(gate)}</th>
              <td data-numeric>{value === null ? '–' : formatMetric(gate.metric, value)}</td>
              <td data-numeric>{other === null ? '–' : formatMetric(gate.metric, other)}</td>
              <td data-nowrap>
                <StateMark {...states[state]} />
              </td>
              <td>{sentence}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
