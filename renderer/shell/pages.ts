import {
  IconActivity,
  IconAdjustments,
  IconBellRinging,
  IconCoins,
  IconDeviceDesktop,
  IconFileAnalytics,
  IconHelp,
  IconHistory,
  IconListDetails,
  IconLayoutDashboard,
  IconRocket,
  IconSettings,
  IconShieldCheck,
  IconStack2,
  IconStairsUp,
  IconTags,
} from '@tabler/icons-react'

/** A page of the rail. `key` is pressed after `g`. */
export interface Page {
  path: string
  title: string
  icon: typeof IconSettings
  key: string
}

/** Pages in the order of the rail; each exists in full. */
export const pages: readonly Page[] = [
  { path: '/', title: 'Overview', icon: IconLayoutDashboard, key: 'o' },
  { path: '/devices', title: 'Devices', icon: IconDeviceDesktop, key: 'd' },
  { path: '/models', title: 'Models', icon: IconStack2, key: 'm' },
  { path: '/rollouts', title: 'Rollouts', icon: IconStairsUp, key: 'r' },
  { path: '/deployments', title: 'Deployments', icon: IconRocket, key: 'p' },
  { path: '/monitoring', title: 'Monitoring', icon: IconActivity, key: 'n' },
  { path: '/labelling', title: 'Labelling', icon: IconTags, key: 'l' },
  { path: '/alerts', title: 'Alerts', icon: IconBellRinging, key: 'a' },
  { path: '/costs', title: 'Costs', icon: IconCoins, key: 'k' },
  { path: '/reports', title: 'Reports', icon: IconFileAnalytics, key: 'y' },
  { path: '/events', title: 'Events', icon: IconHistory, key: 'e' },
  { path: '/configuration', title: 'Configuration', icon: IconAdjustments, key: 'c' },
  { path: '/audit', title: 'Audit', icon: IconListDetails, key: 'u' },
  { path: '/trust', title: 'Trust', icon: IconShieldCheck, key: 't' },
  { path: '/settings', title: 'Settings', icon: IconSettings, key: 's' },
]

/** Help stands at the bottom of the rail, apart from the work. */
export const helpPage: Page = { path: '/help', title: 'Help', icon: IconHelp, key: 'h' }

/** Pages that stand beside one of the rail, where a name below it could be taken for them. */
const beside: Record<string, string> = {
  '/enrol': '/devices',
  '/import': '/models',
  '/import/file': '/models',
  '/sources': '/models',
  '/deploy': '/deployments',
}

/** True if a location belongs to a page of the rail. */
export function isOnPage(location: string, path: string): boolean {
  if (beside[location] === path) return true
  return path === '/' ? location === '/' : location === path || location.startsWith(`${path}/`)
}
