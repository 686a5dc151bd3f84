import styles from './progress.module.css'

/** How far something is. @param share 0 to 1, or `null` where nobody knows */
export function Progress({ share, label }: { share: number | null; label: string }) {
  const percent = share === null ? undefined : Math.round(share * 100)
  return (
    <div
      className={styles.track}
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      {...(percent === undefined ? {} : { 'aria-valuenow': percent })}
    >
      <div className={share === null ? styles.unknown : styles.bar} style={share === null ? undefined : { width: `${share * 100}%` }} />
    </div>
  )
}
