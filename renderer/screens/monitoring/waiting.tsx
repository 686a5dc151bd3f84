import { Skeleton } from '@mantine/core'
import styles from './version.module.css'

/** The room that charts will take, so that nothing jumps when they come. */
export function ChartsWaiting({ count, height = 148 }: { count: number; height?: number }) {
  return (
    <div className={styles.charts} role="status" aria-label="Loading">
      {Array.from({ length: count }, (_, i) => (
        <div key={i} className={styles.waitingChart}>
          <Skeleton height={12} width="40%" animate={false} />
          <Skeleton height={height} mt={14} animate={false} />
        </div>
      ))}
    </div>
  )
}

/** The room that rows will take. */
export function RowsWaiting({ count }: { count: number }) {
  return (
    <div className={styles.waitingRows} role="status" aria-label="Loading">
      {Array.from({ length: count }, (_, i) => (
        <Skeleton key={i} height={12} animate={false} />
      ))}
    </div>
  )
}
