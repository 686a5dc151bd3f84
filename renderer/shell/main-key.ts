import { useEffect, useRef } from 'react'

/** `mod+Enter` does what the main button does, from wherever the focus is. @param run `null`: the button cannot be pressed */
export function useMainKey(run: (() => void) | null): void {
  const current = useRef(run)
  current.current = run
  useEffect(() => {
    const press = (event: KeyboardEvent): void => {
      if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey) || event.repeat) return
      if (document.querySelector('[role="dialog"]') !== null) return
      event.preventDefault()
      current.current?.()
    }
    window.addEventListener('keydown', press)
    return () => window.removeEventListener('keydown', press)
  }, [])
}
