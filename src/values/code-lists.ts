/** Genders: male, female, other. */
export const genders = ['m', 'f', 'o'] as const
/** One of `genders`. */
export type Gender = (typeof genders)[number]

/**
 * Levels of education: doctorate, master or professional, bachelor, associate, secondary, junior secondary, primary,
 * none, other. Old data can hold further codes; they are shown but not accepted.
 */
export const levelsOfEducation = ['p', 'm', 'b', 'a', 'hs', 'jhs', 'el', 'none', 'other'] as const
/** One of `levelsOfEducation`. */
export type LevelOfEducation = (typeof levelsOfEducation)[number]

/**
 * The readers of an account: everybody; the holder and staff alone; or everybody, of the fields that the holder chose.
 */
export const accountPrivacies = ['all_users', 'private', 'custom'] as const
/** One of `accountPrivacies`. */
export type AccountPrivacy = (typeof accountPrivacies)[number]

const words = (...lines: readonly string[]): readonly string[] => lines.flatMap((line) => line.split(' '))

/** The only country with states here: its ISO 3166-1 code. */
export const countryWithStates = 'US'

/** States of the United States, the District of Columbia and the three codes for armed forces; no territories. */
export const states = words(
  'AL AK AZ AR AA AE AP CA CO CT DE DC FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC ND OH',
  'OK OR PA RI SC SD TN TX UT VT VA WA WV WI WY',
)

/** ISO 3166-1 alpha-2 codes, and XK for Kosovo. `Intl` knows too many regions (EU, UN, ZZ) to check against. */
export const countries = words(
  'AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ CA CC',
  'CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD',
  'GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH',
  'KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW',
  'MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC',
  'SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY',
  'UZ VA VC VE VG VI VN VU WF WS XK YE YT ZA ZM ZW',
)

/** Languages a person can claim by default: ISO 639-1, and the two scripts of Chinese. */
export const languages = words(
  'aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz ee el en eo',
  'es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik io is it iu ja jv ka kg',
  'ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms mt my na nb nd ne ng nl nn',
  'no nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg si sk sl sm sn so sq sr ss st su sv sw ta',
  'te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zh_HANS zh_HANT zu',
)
