import { memo } from 'react'
import type { PictureShape } from '../../../../shared/domain/picture-shape.ts'
import { levelOf } from './picture.ts'
import styles from './bench.module.css'

/** A small picture of a row, for choosing; what it shows is said beside it. */
export const Thumb = memo(function Thumb({ shape, values, size = 32 }: { shape: PictureShape; values: readonly string[]; size?: number }) {
  const { side } = shape
  return (
    <svg className={styles.thumb} width={size} height={size} viewBox={`0 0 ${side} ${side}`} aria-hidden="true" shapeRendering="crispEdges">
      {values.map((value, i) => {
        const level = levelOf(shape, value)
        // Points have no name but their place, which never changes.
        const place = `${i % side} ${Math.floor(i / side)}`
        return level === 0 ? null : (
          <rect key={place} x={i % side} y={Math.floor(i / side)} width="1" height="1" fill="currentColor" opacity={level} />
        )
      })}
    </svg>
  )
})
