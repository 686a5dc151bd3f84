import { ActionIcon, Select } from '@mantine/core'
import { IconChevronLeft, IconChevronRight } from '@tabler/icons-react'
import { formatCount } from '../../../components/format.ts'
import type { RolloutDetail } from '../../../../shared/rpc/contract/rollouts.ts'
import { waveMarkOf, waveTitle } from './rollout-words.ts'
import styles from './waves.module.css'

/** Leads from wave to wave where there are so many that their bars are too narrow to be hit. @param onChoose told the wave, from 0 */
export function WaveSteps({ of, wave, onChoose }: { of: RolloutDetail; wave: number; onChoose(wave: number): void }) {
  const views = of.waveViews
  return (
    <div className={styles.steps} role="group" aria-label="Choose a wave">
      <ActionIcon aria-label="Wave before" disabled={wave === 0} onClick={() => onChoose(wave - 1)}>
        <IconChevronLeft size={16} />
      </ActionIcon>
      <Select
        aria-label="Wave"
        w={260}
        value={String(wave)}
        allowDeselect={false}
        searchable
        onChange={(value) => onChoose(Number(value ?? wave))}
        data={views.map((one) => ({
          value: String(one.wave),
          label: `${waveTitle(one)}: ${waveMarkOf(one, of).word}, ${formatCount(one.committed)} of ${formatCount(one.targeted)}`,
        }))}
      />
      <ActionIcon aria-label="Wave after" disabled={wave === views.length - 1} onClick={() => onChoose(wave + 1)}>
        <IconChevronRight size={16} />
      </ActionIcon>
    </div>
  )
}
