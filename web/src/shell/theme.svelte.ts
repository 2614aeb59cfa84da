/** Light, dark, or what the system says. The first paint is the business of /theme.js. */

export type ThemeChoice = 'system' | 'light' | 'dark';

const KEY = 'photostore.theme';
export const THEMES: readonly ThemeChoice[] = ['system', 'light', 'dark'];

class Theme {
  choice: ThemeChoice = $state('system');
  readonly #systemDark = matchMedia('(prefers-color-scheme: dark)');

  start(): void {
    this.choice = readChoice();
    this.#apply();
    this.#systemDark.addEventListener('change', () => this.#apply());
  }

  /** The next of system, light, dark. */
  turn(): void {
    this.choose(THEMES[(THEMES.indexOf(this.choice) + 1) % THEMES.length]!);
  }

  choose(choice: ThemeChoice): void {
    this.choice = choice;
    try {
      localStorage.setItem(KEY, this.choice);
    } catch {
      // Storage may be blocked: the choice then lasts as long as the page.
    }
    this.#apply();
  }

  #apply(): void {
    const isDark = this.choice === 'dark' || (this.choice === 'system' && this.#systemDark.matches);
    document.documentElement.dataset['theme'] = isDark ? 'dark' : 'light';
    const meta = document.querySelector('meta[name="theme-color"]');
    meta?.setAttribute('content', isDark ? '#121314' : '#ffffff');
  }
}

function readChoice(): ThemeChoice {
  try {
    const stored = localStorage.getItem(KEY);
    return THEMES.find((choice) => choice === stored) ?? 'system';
  } catch {
    return 'system';
  }
}

export const theme = new Theme();
