import { useEffect, useState } from 'react'
import { droppedFiles, holdsFiles } from '../import/dropped-files.ts'
import styles from '../models.module.css'

/** Takes files that are dropped anywhere on the page. */
export function DropAnywhere({
  label,
  hint = 'An .onnx file, with train.csv, holdout.csv and bundle.json if you have them',
  onFiles,
}: {
  label: string
  hint?: string
  onFiles(files: File[]): void
}) {
  const [isOver, setOver] = useState(false)
  useEffect(() => {
    const over = (event: DragEvent): void => {
      if (!holdsFiles(event.dataTransfer)) return
      event.preventDefault()
      setOver(true)
    }
    const leave = (event: DragEvent): void => {
      // Only leaving the window counts: moving over its parts leaves and enters all the time.
      if (event.relatedTarget === null) setOver(false)
    }
    const drop = (event: DragEvent): void => {
      if (event.dataTransfer === null || !holdsFiles(event.dataTransfer)) return
      event.preventDefault()
      setOver(false)
      droppedFiles(event.dataTransfer).then(onFiles, () => undefined)
    }
    window.addEventListener('dragover', over)
    window.addEventListener('dragleave', leave)
    window.addEventListener('drop', drop)
    return () => {
      window.removeEventListener('dragover', over)
      window.removeEventListener('dragleave', leave)
      window.removeEventListener('drop', drop)
    }
  }, [onFiles])
  if (!isOver) return null
  return (
    <div className={styles.drop} role="status">
      <h2>{label}</h2>
      <span className="dim">{hint}</span>
    </div>
  )
}
