import { useEffect, useRef } from 'react'
import type { LabellingTask } from '../../../shared/rpc/contract/labelling.ts'
import styles from './labelling.module.css'

type Image = NonNullable<LabellingTask['image']>

/**
 * Draws a picture of levels from 0 to 1. Few points are drawn as squares, many are smoothed.
 * @param label null: what it shows is said beside it
 */
export function SampleImage({ image, longest, label }: { image: Image; longest: number; label: string | null }) {
  const canvas = useRef<HTMLCanvasElement>(null)
  const { width, height } = image
  const scale = longest / Math.max(width, height)
  useEffect(() => {
    const context = canvas.current?.getContext('2d')
    if (context === null || context === undefined) return
    const drawn = context.createImageData(width, height)
    drawn.data.set(bytesOf(image))
    context.putImageData(drawn, 0, 0)
  }, [image, width, height])
  return (
    <canvas
      ref={canvas}
      className={styles.image}
      data-squares={Math.max(width, height) <= 64 || undefined}
      width={width}
      height={height}
      style={{ width: width * scale, height: height * scale }}
      {...(label === null ? { 'aria-hidden': true } : { role: 'img', 'aria-label': label })}
    />
  )
}

/** Red, green, blue and opacity of every point. A single channel is grey; a fourth one is opacity. */
export function bytesOf({ width, height, channels, pixels }: Image): Uint8ClampedArray {
  const bytes = new Uint8ClampedArray(width * height * 4)
  for (let pixel = 0; pixel < width * height; pixel += 1) {
    for (let colour = 0; colour < 4; colour += 1) {
      const channel = channels < 3 ? (colour === 3 ? -1 : 0) : colour < channels ? colour : -1
      bytes[pixel * 4 + colour] = channel === -1 ? 255 : (pixels[pixel * channels + channel] ?? 0) * 255
    }
  }
  return bytes
}
