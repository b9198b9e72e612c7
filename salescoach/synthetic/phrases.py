"""Texts that a CRM would hold: stage names, products, next steps, customers' comments, in Turkish and English.

They are data, not words of the product's pages: a workspace in Turkish has Turkish stages, whatever
the language of the page that shows them.
"""

from __future__ import annotations

OPEN_STAGES = {
    "tr": ("Niteleme", "Çözüm", "Teklif", "Müzakere"),
    "en": ("Qualify", "Solution", "Proposal", "Negotiate"),
}
WON = {"tr": "Kazanıldı", "en": "Won"}
LOST = {"tr": "Kaybedildi", "en": "Lost"}
PIPELINE = {"tr": "Satış", "en": "Sales"}
ORGANISATION = {"tr": "Örnek Satış A.Ş.", "en": "Sample Sales Ltd"}

PRODUCTS = {  # two per segment, small to large: name, family
    "tr": (
        ("Başlangıç Paketi", "Paketler"), ("Büyüme Paketi", "Paketler"), ("İş Akışı", "Platform"),
        ("Öngörü Modülü", "Platform"), ("Kurumsal Çözüm", "Kurumsal"), ("Özel Kurulum", "Kurumsal"),
    ),
    "en": (
        ("Starter Pack", "Packs"), ("Growth Pack", "Packs"), ("Workflow", "Platform"),
        ("Insight Module", "Platform"), ("Enterprise Suite", "Enterprise"), ("Custom Setup", "Enterprise"),
    ),
}  # fmt: skip

NEXT_STEPS = {  # two per open stage
    "tr": (
        ("İhtiyaç görüşmesi yap", "Karar vericiyi öğren"),
        ("Ürün gösterimi planla", "Teknik soruları yanıtla"),
        ("Teklifi birlikte gözden geçir", "Bütçe onayını sor"),
        ("Sözleşme maddelerini görüş", "İmza tarihini netleştir"),
    ),
    "en": (
        ("Hold a discovery call", "Find out who decides"),
        ("Plan a demonstration", "Answer technical questions"),
        ("Go through the proposal together", "Ask about budget approval"),
        ("Discuss contract terms", "Settle the signing date"),
    ),
}

# Codes, not texts: what a value map makes of whatever a CRM says.
LOSS_REASONS = ("price", "competitor", "no_decision", "timing", "budget", "no_need")
LOSS_SHARES = (0.22, 0.20, 0.25, 0.13, 0.12, 0.08)
DISQUALIFY_REASONS = ("no_budget", "no_need", "wrong_contact", "competitor", "unreachable")
DISQUALIFY_SHARES = (0.25, 0.35, 0.15, 0.10, 0.15)
NOT_ANSWERED = "not_answered"

SURVEYS = {
    "tr": (("CSAT", "Satış sonrası memnuniyet"), ("NPS", "Tavsiye anketi")),
    "en": (("CSAT", "Satisfaction after the sale"), ("NPS", "Recommendation survey")),
}
COMMENTS = {  # unhappy, neutral, happy
    "tr": (
        ("Geri dönüş beklediğimizden uzun sürdü.", "İhtiyacımız tam anlaşılmadı.", "Fiyat görüşmesi yorucuydu."),
        ("Genel olarak iyiydi, eğitim eksik kaldı.", "Süreç düzgündü ama belgeler geç geldi.", "Fena değil."),
        ("Sorularımıza hızlı ve açık yanıt aldık.", "İşimizi gerçekten anladılar, teşekkürler.", "Çok ilgiliydiniz."),
    ),
    "en": (
        ("Replies took longer than we expected.", "Our need was not quite seen.", "Pricing talks were hard work."),
        ("Good on the whole, training was thin.", "Orderly, but the papers came late.", "Not bad."),
        ("Quick, clear answers to our questions.", "They really understood our work, thank you.", "Very attentive."),
    ),
}

QUOTA_REASONS = {
    "tr": {"plan": "Çeyrek planı", "ramp": "Alışma dönemi", "change": "Bölge değişikliği"},
    "en": {"plan": "Quarterly plan", "ramp": "Ramp", "change": "Territory change"},
}

TITLES = {  # two per role: who decides, who wants it, who tests it
    "tr": (
        ("Genel Müdür", "Satın Alma Direktörü"), ("Operasyon Müdürü", "Proje Yöneticisi"),
        ("BT Uzmanı", "İş Analisti"),
    ),
    "en": (
        ("Managing Director", "Head of Purchasing"), ("Operations Manager", "Project Lead"),
        ("IT Specialist", "Analyst"),
    ),
}  # fmt: skip
COMPETITORS = {
    "tr": ("Rakip Bir", "Rakip İki", "Rakip Üç"),
    "en": ("Rival One", "Rival Two", "Rival Three"),
}
CAMPAIGNS = {  # one per quarter, in turn
    "tr": ("Yaz Webinarı", "Sonbahar Fuarı", "Kış Rehberi", "Bahar Kampanyası"),
    "en": ("Summer Webinar", "Autumn Fair", "Winter Guide", "Spring Campaign"),
}
CRITERIA = {  # two per open stage: what is asked for before a deal leaves it
    "tr": (
        ("İhtiyaç yazılı olarak doğrulandı", "Karar verici belirlendi"),
        ("Ürün gösterimi yapıldı", "Teknik uygunluk onaylandı"),
        ("Teklif karar vericiye sunuldu", "Bütçe onaylandı"),
        ("Sözleşme taslağı paylaşıldı", "İmza tarihi kararlaştırıldı"),
    ),
    "en": (
        ("Need confirmed in writing", "Decision maker known"),
        ("Demonstration held", "Technical fit confirmed"),
        ("Proposal shown to the decision maker", "Budget approved"),
        ("Draft contract shared", "Signing date agreed"),
    ),
}
COMMENT_THEMES = (  # of COMMENTS, in their order
    "speed", "understanding", "price", "training", "documents", "service", "speed", "understanding", "service",
)  # fmt: skip
TERRITORY = {"tr": "Saha", "en": "Patch"}
MOVED = {"tr": "Saha değişikliği", "en": "Territory change"}
EVENTS = {
    "tr": {
        "price_change": "Yeni fiyat listesi yürürlüğe girdi.",
        "campaign": "Bahar kampanyası başladı.",
        "outage": "CRM yarım gün kullanılamadı.",
        "product_release": "Yeni ürün sürümü yayımlandı.",
        "territory_change": "Satış sahası değişti.",
        "training": "Koçluk programı başladı.",
    },
    "en": {
        "price_change": "A new price list came into force.",
        "campaign": "The spring campaign began.",
        "outage": "The CRM was down for half a day.",
        "product_release": "A new product release came out.",
        "territory_change": "The territory changed.",
        "training": "A coaching programme began.",
    },
}
COURSES = {  # one per stage, then product and tool
    "tr": (
        "Nitelikli Fırsatı Tanıma", "İhtiyaçtan Çözüme", "İkna Eden Teklif", "Müzakere ve Kapanış", "Ürün Bilgisi",
        "CRM'i Verimli Kullanma",
    ),
    "en": (
        "Telling a Real Deal", "From Need to Solution", "Proposals that Convince", "Negotiating and Closing",
        "Product Knowledge", "Working with the CRM",
    ),
}  # fmt: skip
COURSE_TOPICS = ("technique", "technique", "technique", "technique", "product", "tool")
COMPETENCIES = (  # the first four show in one stage each, then: size, discount, service, none
    "qualification", "discovery", "value_message", "negotiation", "account_growth", "price_discipline", "follow_up",
    "crm_discipline",
)  # fmt: skip
COURSE_COMPETENCIES = ("qualification", "discovery", "value_message", "negotiation", "account_growth", "crm_discipline")
PROMISES = {  # one per competency
    "tr": (
        "Her ilk görüşmede karar vericiyi sormak", "Haftada iki görüşmede ihtiyaç haritası çıkarmak",
        "Teklifi göndermeden önce telefonda anlatmak", "İndirimi bir karşılık istemeden vermemek",
        "Ayda iki mevcut müşteriye ek çözüm sunmak", "İndirim talebinde önce değeri özetlemek",
        "Satıştan sonraki hafta müşteriyi aramak", "Görüşme notunu aynı gün girmek",
    ),
    "en": (
        "Ask for the decision maker in every first call", "Draw a map of needs in two meetings a week",
        "Talk a proposal through before sending it", "Give no discount without asking for something",
        "Offer two existing customers more each month", "Sum up the value before talking about discount",
        "Call the customer in the week after the sale", "Enter notes on the day of the meeting",
    ),
}  # fmt: skip
SEEN = {  # evidence under an answer: low, middle, high
    "tr": ("Konu açılmadı.", "Soruldu, üzerinde durulmadı.", "Açıkça soruldu ve özetlendi."),
    "en": ("The topic did not come up.", "Asked, and not followed up.", "Asked plainly and summed up."),
}
CAUTION = {"tr": "Geçmiş sapmaya göre düzeltildi", "en": "Corrected for past bias"}
