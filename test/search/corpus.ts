/** What a search finds in a text, and what it does not. */
export interface Case {
  text: string
  finds: string[]
  misses: string[]
}

export const CORPUS: Record<string, Case[]> = {
  English: [
    {
      text: 'My order-1001 is late',
      finds: ['1001', 'order', 'order-1001', 'ORDER 1001', 'late my', '"order 1001"', '"is late"', 'order/1001'],
      misses: [
        '100',
        'orders',
        'rder',
        '"1001 order"',
        '"order late"',
        'order -1001',
        '-late',
        'order1001',
        '1001-order',
      ],
    },
    {
      text: 'I want a refund/exchange please',
      finds: ['refund', 'exchange', 'refund/exchange', '"a refund exchange please"', 'nothing or refund', '-order'],
      misses: ['refunds', 'exchange/refund', '-refund', '-"refund exchange"', 'want -exchange', 'nothing or fun'],
    },
    {
      text: "I'm finished.Thanks (really): don’t call,it's fine;bye",
      finds: ['finished', 'thanks', 'really', "don't", 'don’t', 'it’s', 'call', 'bye', '"fine bye"', "it's fine"],
      misses: ['dont', 'finish', '"thanks finished"', 'its', 'fin'],
    },
    {
      text: 'Set MAX_BODY_BYTES=5 in v1.2.3, costs 3.14 or 1,000 at https://shop.example/a?b=c to ada@example.com',
      finds: ['max', 'body_bytes', 'max_body_bytes', 'v1.2.3', '3.14', '14', '1,000', 'shop', 'shop.example', 'ada'],
      misses: ['max_bytes', '1.2', '"2.1"', '3.141', 'hop', 'ada@shop', 'v1.3'],
    },
    {
      text: 'the well-known ___ C3PO — naïve ﬁancé, ½ of № 12 and №13: Foo™, H₂O and 5 m²',
      finds: ['well known', 'c3po', 'naïve', 'fiancé', 'no', '12', '13', 'foo', 'Foo™', '№13', 'H2O', 'm2', '½', '1/2'],
      misses: ['naive', 'fiance', 'footm', 'no13x'],
    },
    {
      text: `${'x'.repeat(5_000)} tail ${'y'.repeat(200)}`,
      finds: ['x'.repeat(5_000), 'tail', 'y'.repeat(200), `"tail ${'y'.repeat(200)}"`],
      misses: ['x', 'y'.repeat(100)],
    },
  ],
  'what nobody sees': [
    {
      text: 're\u00adfund, ex\u200bchange, \u200emarked\u200f, key\ufe0f, zero\u200dwidth\u2060joined \ufeffbegin',
      finds: [
        'refund',
        'exchange',
        'ex',
        'change',
        'marked',
        'key',
        'zerowidthjoined',
        'begin',
        're\u00adfund',
        'ex\u200bchange',
      ],
      misses: ['re', 'zero'],
    },
    { text: '1️⃣ first', finds: ['1', 'first', '1️⃣'], misses: ['2'] },
  ],
  German: [
    {
      text: 'DIE STRASSE heißt GROẞE Straße, Übergröße \u0075\u0308ber Maßſtab',
      finds: [
        'straße',
        'strasse',
        'STRASSE',
        'große',
        'grosse',
        'übergröße',
        'ÜBERGRÖSSE',
        'über',
        'u\u0308ber',
        'massstab',
      ],
      misses: ['ubergrosse', 'strase', 'uber'],
    },
  ],
  French: [
    {
      text: "L'été, j’ai commandé une cafetie\u0300re à l'Œuvre",
      finds: ['été', 'ÉTÉ', 'e\u0301te\u0301', 'commandé', 'cafetière', "l'été", 'l’été', 'œuvre', 'ŒUVRE', 'ai'],
      misses: ['ete', 'cafetiere', 'oeuvre', 'command'],
    },
  ],
  Turkish: [
    {
      text: "İSTANBUL'da IŞIK var, İstanbul'da ılık",
      finds: ['istanbul', 'İstanbul', 'ISTANBUL', 'ışık', 'IŞIK', 'ILIK', 'ılık', 'istanbul’da'],
      misses: ['isik', 'stanbul'],
    },
  ],
  Greek: [
    {
      text: 'Ο ΣΊΣΥΦΟΣ στην οδός ΟΔΟΣ: παραγγελίας',
      finds: ['σίσυφος', 'Σίσυφοσ', 'ΣΊΣΥΦΟΣ', 'οδος', 'ΟΔΌΣ', 'ΠΑΡΑΓΓΕΛΊΑΣ', 'παραγγελίας'],
      misses: ['παραγγελία', 'σισυφος'],
    },
  ],
  Russian: [
    {
      text: 'Где мой ЗАКАЗ №1001? Хочу возврат/обмен. Ёлка',
      finds: ['заказ', 'Заказ', '1001', '№1001', 'возврат', 'обмен', 'возврат/обмен', 'ёлка', 'е\u0308лка'],
      misses: ['заказы', 'каз', 'обмен/возврат'],
    },
  ],
  Ukrainian: [{ text: "П'ять обʼєктів", finds: ['п’ять', "об'єктів", 'обʼєктів', 'пʼять'], misses: ['пять'] }],
  Armenian: [{ text: 'Որտե՞ղ է իմ ՊԱՏՎԵՐԸ։', finds: ['որտեղ', 'որտե՞ղ', 'պատվերը'], misses: ['որտե', 'պատվեր'] }],
  Georgian: [{ text: 'სად არის ჩემი ᲨᲔᲙᲕᲔᲗᲐ?', finds: ['შეკვეთა', 'სად', 'ᲩᲔᲛᲘ'], misses: ['შეკვეთ'] }],
  Arabic: [
    {
      text: 'أين طلبي رقم ١٠٠١؟ محـــمد، شكراً',
      finds: ['طلبي', '١٠٠١', '1001', 'محمد', 'شكراً', '"رقم 1001"', 'أين'],
      misses: ['طلب', '١٠٠', '"1001 رقم"'],
    },
  ],
  Persian: [
    {
      text: 'می\u200cخواهم سفارش ۱۲۳ را پس بدهم',
      finds: ['می\u200cخواهم', 'میخواهم', 'سفارش', '123', '۱۲۳'],
      misses: ['خواهم', 'سفار'],
    },
  ],
  Hebrew: [
    {
      text: 'איפה ההזמנה שלי? שירתתי בצה"ל, \u200fד״ר כהן',
      finds: ['ההזמנה', 'איפה', 'בצה"ל', 'בצה״ל', 'ד"ר', '"ההזמנה שלי"'],
      misses: ['הזמנה', 'צה"ל', '"שלי ההזמנה"'],
    },
  ],
  Hindi: [
    {
      text: 'मेरा ऑर्डर १००१ कहाँ है? धनवापसी/बदली',
      finds: ['ऑर्डर', 'मेरा', '1001', '१००१', 'कहाँ', 'धनवापसी', 'बदली'],
      misses: ['ऑर्ड', 'मेर', 'वापसी'],
    },
  ],
  Bengali: [{ text: 'আমার অর্ডার কোথায়?', finds: ['অর্ডার', 'কোথায়', 'আমার'], misses: ['অর্ড'] }],
  Tamil: [{ text: 'என் ஆர்டர் எங்கே?', finds: ['ஆர்டர்', 'எங்கே'], misses: ['ஆர்ட'] }],
  Telugu: [{ text: 'నా ఆర్డర్ ఎక్కడ ఉంది?', finds: ['ఆర్డర్', 'ఎక్కడ'], misses: ['ఆర్డ'] }],
  Amharic: [{ text: 'የእኔ፡ትዕዛዝ የት ነው?', finds: ['ትዕዛዝ', 'የት'], misses: ['ትዕዛ'] }],
  Tibetan: [{ text: 'བོད་ཀྱི་སྐད་ཡིག', finds: ['བོད', 'སྐད་ཡིག', 'སྐད'], misses: ['ཡིག་སྐད'] }],
  Yoruba: [{ text: 'Ẹ ṣé, ọ̀rẹ́ mi. x\u0323y', finds: ['ọ̀rẹ́', 'ṣé', 'x\u0323y'], misses: ['ore', 'x', 'y'] }],
  Vietnamese: [
    { text: 'Tôi muốn trả hàng', finds: ['muốn', 'TRẢ HÀNG', 'tra\u0309'], misses: ['tra', 'muon', '"hàng trả"'] },
  ],
  Chinese: [
    {
      text: '我的订单在哪里？退货款已退',
      finds: [
        '订单',
        '单',
        '我',
        '里',
        '退',
        '退货',
        '退货款',
        '哪里',
        '订单在哪里',
        '"我的订单"',
        '订单 退货',
        '订单？',
      ],
      misses: ['单订', '里退', '货退', '订在', '我订单', '哪里 收货', '-订单', '"退货 订单"'],
    },
    {
      text: '買了iPhone手机，第3章',
      finds: ['iphone', '手机', 'iPhone手机', '了iPhone', '第3章', '3', '"iPhone 手"', '機 or 机'],
      misses: ['手iPhone', '机iPhone', '第章'],
    },
    { text: '𠮷野家と𠮷田', finds: ['𠮷', '𠮷野', '𠮷野家', '𠮷田'], misses: ['野田', '𠮷家'] },
  ],
  Japanese: [
    {
      text: '返品したいです。ｷｬﾝｾﾙとｶﾞｲﾄﾞ、スーパー・ＡＢＣ１２３',
      finds: [
        '返品',
        '返',
        'したい',
        '返品したい',
        'キャンセル',
        'ｷｬﾝｾﾙ',
        'ガイド',
        'か\u3099'.replace('か', 'カ'),
        'スーパー',
        'abc123',
        'ーパ',
      ],
      misses: ['品返', '返した', 'カイド', 'abc', 'ですｷ', 'スパ'],
    },
    { text: '東京と京都へ行く人々', finds: ['東京', '京都', '人々', '京'], misses: ['東京都', '都京'] },
  ],
  Korean: [
    {
      text: '배송이 언제 되나요? AI를 써서 반품하고 싶어요, 3개월',
      finds: [
        '배송',
        '배송이',
        '배',
        '언제',
        'AI',
        'AI를',
        '반품',
        '"배송 언제"',
        '"배송 언제 되나"',
        '3개월',
        '3개',
        '배송 반품',
      ],
      misses: ['송이', '품하', '배송은', '"언제 배송"', '"배송 되나요"', '개월'.slice(1)],
    },
    {
      text: '\u1112\u1161\u11ab\u1100\u1173\u11af 입니다',
      finds: ['한글', '한', '\u1112\u1161\u11ab'],
      misses: ['하', '글'],
    },
    {
      text: `${'가나다라'.repeat(40)} 끝`,
      finds: ['가나다라가나', '가나다라'.repeat(40), '가나다라'.repeat(10), '끝'],
      misses: ['나다라', '가나다라가라', `${'가나다라'.repeat(9)}나`],
    },
  ],
  Thai: [
    {
      text: 'ฉันต้องการคืนสินค้าและขอเงินคืน น้ำ ๑๒๓',
      finds: ['คืนสินค้า', 'สินค้า', 'เงินคืน', 'น้ำ', '123', '๑๒๓', 'ต้องการ'],
      misses: ['สินค้าคืน', 'เงินค้า', 'ค้าสิน'],
    },
  ],
  Lao: [{ text: 'ຂ້ອຍຕ້ອງການສົ່ງຄືນສິນຄ້າ', finds: ['ສິນຄ້າ', 'ສົ່ງຄືນ'], misses: ['ສິນສົ່ງ'] }],
  Khmer: [{ text: 'ខ្ញុំចង់ប្រគល់\u200bទំនិញវិញ', finds: ['ទំនិញ', 'ប្រគល់', 'ប្រគល់ទំនិញ'], misses: ['ទំនិញប្រគល់'] }],
  Burmese: [{ text: 'ပစ္စည်းပြန်ပေးချင်ပါတယ် ၁၂၃', finds: ['ပစ္စည်း', 'ပြန်ပေး', '123'], misses: ['ပေးပြန်'] }],
  Emoji: [
    {
      text: 'Great 👍🏽 thanks❤️ 👨‍👩‍👧 🇩🇪🇺🇸',
      finds: ['👍', '👍🏽', '❤', '❤️', 'thanks', '👨‍👩‍👧', '👩', '🇩🇪', '🇺🇸', '"great 👍"', '"🇩🇪🇺🇸"'],
      misses: ['👎', '🇪🇺', '-👍', '"thanks 👍"'],
    },
  ],
}
