// people.mjs -- the invented people of the stories, what they ask for, and who in the demonstration district
// handles it.  No text of a page stands here: pages are driven by field names and addresses, in any language.
export const QINGYANG = {
  profile: "cn-qingyang",
  item: "temporary-relief",
  searches: ["临时救助", "救助", "linshijiuzhu", "lsjz", "temporary relief"],
  initials: "lsjz", elsewhere: "social-card", body: "civil", area: "510105",
  nothing: "飞行执照",
  answers: [
    { applicant_name: "张测试", applicant_id: "510105189001010016", applicant_phone: "15412345678",
      home: "510105007001", address: "测试巷1号2栋3单元401" },
    { hardship: "illness" },
  ],
  wrong: { name: "applicant_id", value: "510105189001010017" },
  change: { name: "applicant_phone", value: "15412345679" },
  paper: "form",
  clerk: "window", reviewer: "civil1", decider: "civil2", issuer: "issuer",
  note: "申请书第二页没有签名。请签名后拍照补交，或送到草堂便民服务中心。",
};

export const TOWN = {
  profile: "town",
  item: "street-trading",
  searches: ["street trading", "stall"],
  nothing: "flying licence",
  answers: [
    { applicant_name: "Clara Marsh", applicant_phone: "02079460123", address: "12 Sample Lane" },
    { home: null, goods: "Bread and cakes", days: "saturday" },
  ],
  wrong: { name: "applicant_phone", value: "not a number" },
  change: { name: "applicant_phone", value: "02079460124" },
  paper: "insurance",
  clerk: "window", reviewer: "reviewer", decider: "decider", issuer: "issuer",
  note: "The second page has no date. Please send a picture of it with the date on it.",
};
