import '@fontsource-variable/inter/wght.css'
import '@fontsource-variable/jetbrains-mono/wght.css'
import '@mantine/core/styles.css'
import '@mantine/notifications/styles.css'
import '@mantine/spotlight/styles.css'
import './tokens.css'
import { createRoot } from 'react-dom/client'
import { App } from './app.tsx'
import { guardHistory } from './data/leave-guard.ts'
import { chooseLink } from './transport/choose-link.ts'

guardHistory()
createRoot(document.getElementById('root')!).render(<App link={chooseLink()} />)
