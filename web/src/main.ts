import { mount } from 'svelte';
import './app.css';
import { keepOffline } from './offline/register';
import App from './shell/App.svelte';
import { i18n } from './shell/i18n.svelte';
import { live } from './shell/live.svelte';
import { watchRenewal } from './shell/renewal';
import { keepOverReload, noteLeaving } from './shell/returning';
import { router } from './shell/router.svelte';
import { shortcuts } from './shell/shortcuts.svelte';
import { theme } from './shell/theme.svelte';
import { door } from './upload/door.svelte';

theme.start();
router.onLeave = noteLeaving;
keepOverReload();
router.start();
shortcuts.start();
live.start();
door.start();
watchRenewal();
keepOffline();
await i18n.start(navigator.languages);

mount(App, { target: document.getElementById('app')! });
void i18n.complete();
