import { existsSync } from 'node:fs'

/** Chromium without windows of its own opens a page with a sixth of the CPU. */
const INSTALLED = ['/usr/bin/chromium-headless-shell', '/usr/bin/chromium']

/** The browser of the tests and benchmarks. */
export const CHROMIUM: string = process.env['CHROMIUM'] ?? INSTALLED.find(existsSync) ?? '/usr/bin/chromium'
