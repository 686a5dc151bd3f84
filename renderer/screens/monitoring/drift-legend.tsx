import { lengthText } from './monitoring-view.ts'
import type { OutputOf } from '../../../shared/rpc/contract.ts'
import heat from '../../components/charts/heat-map.module.css'
import styles from './version.module.css'

const shapes = {
  unsure: 'M7 3l3 3l-3 3l-3 -3z',
  quiet: '',
  warn: 'M7 2.5l4 7h-8z',
  alarm: 'M4 3h6v6h-6z',
} as const

function Swatch({ tone, shape }: { tone: string; shape: keyof typeof shapes }) {
  return (
    <svg width="14" height="12" aria-hidden="true">
      <rect width="14" height="12" className={heat.fill} data-tone={tone} />
      {shapes[shape] !== '' && <path d={shapes[shape]} className={heat.shape} data-tone={tone} />}
    </svg>
  )
}

/** What the cells mean, and the rule behind a verdict. */
export function DriftLegend({ rule }: { rule: OutputOf<'monitoring.drift'>['rule'] }) {
  return (
    <div className={styles.legend}>
      <span>
        <Swatch tone="unsure" shape="unsure" /> insufficient data
      </span>
      <span>
        <Swatch tone="quiet-1" shape="quiet" />
        <Swatch tone="quiet-2" shape="quiet" />
        <Swatch tone="quiet-3" shape="quiet" /> no drift, up to {rule.warn}
      </span>
      <span>
        <Swatch tone="warn" shape="warn" /> warns from {rule.warn}
      </span>
      <span>
        <Swatch tone="alarm" shape="alarm" /> drift from {rule.alarm}
      </span>
      <span className={styles.rule}>
        A verdict needs {rule.leastValues} effective values, the effect, evidence (BH, q = {Number(rule.q.toPrecision(2))}), and{' '}
        {rule.windows} of {rule.of} windows of at least {lengthText(rule.windowMs)}.
      </span>
    </div>
  )
}
