import { useEffect } from 'react'
import { showPageTitle } from './page-title.ts'
import styles from './screen.module.css'

/** A page: its title (also of the window), what stands beside it, and its content, which scrolls by itself. */
export function Screen({
  title,
  beside,
  actions,
  isFlush = false,
  children,
}: {
  title: string
  /** State sentence or facts beside the title. */
  beside?: React.ReactNode
  actions?: React.ReactNode
  /** True: the content goes to the edges and scrolls within itself (tables). */
  isFlush?: boolean
  children: React.ReactNode
}) {
  useEffect(() => {
    showPageTitle(title)
  }, [title])
  return (
    <main className={styles.screen} id="main" tabIndex={-1}>
      <header className={styles.head}>
        <h1 className="foreign">{title}</h1>
        <div className={styles.beside}>{beside}</div>
        <div className={styles.actions}>{actions}</div>
      </header>
      <div className={isFlush ? styles.flush : styles.body}>{children}</div>
    </main>
  )
}

/** A titled part of a page, divided by hairlines instead of cards. */
export function Section({ title, actions, children }: { title: string; actions?: React.ReactNode; children: React.ReactNode }) {
  return (
    <section className={styles.section}>
      <header className={styles.sectionHead}>
        <h2>{title}</h2>
        <div className={styles.actions}>{actions}</div>
      </header>
      {children}
    </section>
  )
}
