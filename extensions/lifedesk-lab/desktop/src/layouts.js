// Keyboard layouts of xkb, and which of them a browser's keys and language point to.

/** [xkb layout and variant, name] in the order to offer them. */
export const LAYOUTS = [
  ['us', 'English (US)'], ['us intl', 'English (US, international)'], ['gb', 'English (UK)'],
  ['de', 'Deutsch'], ['ch', 'Deutsch (Schweiz)'], ['at', 'Deutsch (Österreich)'], ['fr', 'Français'], ['ch fr', 'Français (Suisse)'],
  ['be', 'Belge'], ['ca', 'Français (Canada)'], ['es', 'Español'], ['latam', 'Español (Latinoamérica)'],
  ['it', 'Italiano'], ['pt', 'Português'], ['br', 'Português (Brasil)'], ['nl', 'Nederlands'], ['dk', 'Dansk'],
  ['se', 'Svenska'], ['no', 'Norsk'], ['fi', 'Suomi'], ['is', 'Íslenska'], ['ee', 'Eesti'], ['lv', 'Latviešu'],
  ['lt', 'Lietuvių'], ['pl', 'Polski'], ['cz', 'Čeština'], ['sk', 'Slovenčina'], ['hu', 'Magyar'], ['si', 'Slovenščina'],
  ['hr', 'Hrvatski'], ['rs', 'Српски'], ['ro', 'Română'], ['bg', 'Български'], ['gr', 'Ελληνικά'], ['tr', 'Türkçe'],
  ['ru', 'Русский'], ['ua', 'Українська'], ['il', 'עברית'], ['ara', 'العربية'], ['jp', '日本語'], ['kr', '한국어'],
];

/** The likeliest layout of a language. */
const BY_LANGUAGE = {
  en: 'us', 'en-gb': 'gb', 'en-ie': 'gb', de: 'de', 'de-ch': 'ch', 'de-at': 'at', fr: 'fr', 'fr-ch': 'ch fr', 'fr-be': 'be',
  'nl-be': 'be', 'fr-ca': 'ca', es: 'es', it: 'it', pt: 'pt', 'pt-br': 'br', nl: 'us intl', da: 'dk', sv: 'se', nb: 'no',
  nn: 'no', no: 'no', fi: 'fi', is: 'is', et: 'ee', lv: 'lv', lt: 'lt', pl: 'pl', cs: 'cz', sk: 'sk', hu: 'hu', sl: 'si',
  hr: 'hr', sr: 'rs', ro: 'ro', bg: 'bg', el: 'gr', tr: 'tr', ru: 'ru', uk: 'ua', he: 'il', ar: 'ara', ja: 'jp', ko: 'kr',
};

/** What letters on four keys say, for browsers that tell. */
export function layoutOfKeys(keys, language) {
  const [q, y, semicolon, backslash] = ['KeyQ', 'KeyY', 'Semicolon', 'Backslash'].map((code) => keys.get(code));
  if (q === 'a') return language.startsWith('nl') || language.endsWith('-be') ? 'be' : 'fr';
  if (y === 'z' && semicolon === 'ö') return language.endsWith('-ch') ? 'ch' : 'de';
  if (y === 'z' && semicolon === 'é') return 'ch fr';
  if (semicolon === 'ñ') return 'es';
  if (semicolon === 'ö') return language.startsWith('fi') ? 'fi' : 'se';
  if (semicolon === 'æ') return 'dk';
  if (semicolon === 'ø') return 'no';
  if (q === 'q' && y === 'y' && semicolon === ';') return backslash === '#' ? 'gb' : null;
  return null;
}

/** The likeliest layout of a person whose browser speaks `language` (lower case, as in `de-ch`). */
export const layoutOfLanguage = (language) => BY_LANGUAGE[language] ?? BY_LANGUAGE[language.split('-')[0]] ?? 'us';
