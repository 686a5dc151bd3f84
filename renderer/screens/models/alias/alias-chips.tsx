import styles from '../models.module.css'

/** Aliases that stand for a version, as chips. */
export function AliasChips({ aliases }: { aliases: readonly string[] }) {
  if (aliases.length === 0) return null
  return (
    <span className={styles.chips}>
      {aliases.map((alias) => (
        <span key={alias} className={`${styles.chip} foreign`} data-alias={alias} title={`Alias: ${alias}`}>
          {alias}
        </span>
      ))}
    </span>
  )
}
