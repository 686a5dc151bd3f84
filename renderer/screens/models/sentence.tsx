import { StateMark, type State } from '../../components/state-mark.tsx'
import styles from './models.module.css'

/** A state told in a whole sentence, which may take more than one line. */
export function Sentence({ state, word }: { state: State; word: string }) {
  return (
    <div className={styles.sentence}>
      <StateMark state={state} word={word} />
    </div>
  )
}
