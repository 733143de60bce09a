package demo

// name is a given name or surname as its owner writes it, and in ASCII for an address.
type name struct{ native, latin string }

// region is where people live, and what they are called there.
type region struct {
	city, country, language, office, dial string
	surnameFirst                          bool
	joint                                 string // between surname and given name where the surname is first
	given, surnames                       []name
}

func titles() []string {
	return []string{
		"Engineer", "Senior Engineer", "Account Manager", "Analyst", "Controller", "Technician", "Paralegal", "Head of Department",
		`Lead, "Special" Projects`, "Ingénieur d'études", "Sachbearbeiter/-in", "Assistant Vice President, EMEA",
	}
}

func departments() []string {
	return []string{"Sales", "Finance", "Research & Development", "Operations", "People", "Legal, Risk and Compliance", "Support", "Økonomi"}
}

// regions are the places of the company. Names are common ones; their owners are made up.
func regions() []region {
	return append(latinRegions(), otherRegions()...)
}

func latinRegions() []region {
	return []region{
		{
			city: "København", country: "DK", language: "da-DK", office: "Nyhavn", dial: "+45",
			given:    []name{{"Søren", "soren"}, {"Åse", "aase"}, {"Bjørn", "bjorn"}, {"Kirsten", "kirsten"}, {"Frederikke", "frederikke"}},
			surnames: []name{{"Nørgaard", "norgaard"}, {"Kjær", "kjaer"}, {"Østergaard", "ostergaard"}, {"Friis-Møller", "friis-moller"}},
		},
		{
			city: "Dublin", country: "IE", language: "en-IE", office: "Docklands", dial: "+353",
			given: []name{{"Siobhán", "siobhan"}, {"Pádraig", "padraig"}, {"Anne-Marie", "anne-marie"}, {"Conor", "conor"}, {"Jean Claude", "jean-claude"}},
			surnames: []name{
				{"O'Brien", "obrien"}, {"O’Connell", "oconnell"}, {"D'Arcy", "darcy"}, {"Ní Dhomhnaill", "nidhomhnaill"}, {"McAuley-Byrne", "mcauley-byrne"},
			},
		},
		{
			city: "Kraków", country: "PL", language: "pl-PL", office: "Rynek", dial: "+48",
			given:    []name{{"Łukasz", "lukasz"}, {"Małgorzata", "malgorzata"}, {"Jiří", "jiri"}, {"Žofie", "zofie"}},
			surnames: []name{{"Wiśniewska", "wisniewska"}, {"Dvořák", "dvorak"}, {"Brzęczyszczykiewicz", "brzeczyszczykiewicz"}, {"Nováková", "novakova"}},
		},
		{
			city: "Sevilla", country: "ES", language: "es-ES", office: "Triana", dial: "+34",
			given:    []name{{"Íñigo", "inigo"}, {"María del Carmen", "mariadelcarmen"}, {"Jose\u0301", "jose"}, {"João", "joao"}},
			surnames: []name{{"García López", "garcialopez"}, {"Peñalver", "penalver"}, {"de la Fuente y Ruiz", "delafuente"}, {"Gonçalves", "goncalves"}},
		},
		{
			city: "Zürich", country: "CH", language: "de-CH", office: "Limmat", dial: "+41",
			given:    []name{{"Jürg", "jurg"}, {"Zoë", "zoe"}, {"François", "francois"}, {"Anaïs", "anais"}},
			surnames: []name{{"Müller", "mueller"}, {"von der Weiß", "vonderweiss"}, {"L'Évêque", "leveque"}, {"Bühlmann-Frey", "buehlmann-frey"}},
		},
		{
			city: "İzmir", country: "TR", language: "tr-TR", office: "Alsancak", dial: "+90",
			given:    []name{{"İlknur", "ilknur"}, {"Işıl", "isil"}, {"Çağrı", "cagri"}, {"Gülşen", "gulsen"}},
			surnames: []name{{"Yıldırım", "yildirim"}, {"Öztürk", "ozturk"}, {"Şahin", "sahin"}},
		},
		{
			city: "Hà Nội", country: "VN", language: "vi-VN", office: "Hoàn Kiếm", dial: "+84", surnameFirst: true, joint: " ",
			given:    []name{{"Thị Ánh Tuyết", "tuyet"}, {"Văn Đức", "duc"}, {"Quốc Huy", "huy"}, {"Hồng Phượng", "phuong"}},
			surnames: []name{{"Nguyễn", "nguyen"}, {"Trần", "tran"}, {"Đặng", "dang"}, {"Phạm", "pham"}},
		},
	}
}

func otherRegions() []region {
	return []region{
		{
			city: "Київ", country: "UA", language: "uk-UA", office: "Поділ", dial: "+380",
			given:    []name{{"Оксана", "oksana"}, {"Дмитро", "dmytro"}, {"В'ячеслав", "viacheslav"}, {"Їванка", "yivanka"}},
			surnames: []name{{"Шевченко", "shevchenko"}, {"Коваленко", "kovalenko"}, {"Нечуй-Левицька", "nechui-levytska"}},
		},
		{
			city: "Αθήνα", country: "GR", language: "el-GR", office: "Πλάκα", dial: "+30",
			given:    []name{{"Γιώργος", "giorgos"}, {"Ελένη", "eleni"}, {"Οδυσσέας", "odysseas"}},
			surnames: []name{{"Παπαδόπουλος", "papadopoulos"}, {"Οικονόμου", "oikonomou"}, {"Χατζής", "chatzis"}},
		},
		{
			city: "عمّان", country: "JO", language: "ar-JO", office: "عبدون", dial: "+962",
			given:    []name{{"فاطمة", "fatima"}, {"عبد الرحمن", "abdulrahman"}, {"ليلى", "layla"}},
			surnames: []name{{"الخطيب", "alkhatib"}, {"حدّاد", "haddad"}, {"ابن يوسف", "ibnyusuf"}},
		},
		{
			city: "上海", country: "CN", language: "zh-CN", office: "静安", dial: "+86", surnameFirst: true,
			given:    []name{{"伟", "wei"}, {"秀英", "xiuying"}, {"志强", "zhiqiang"}, {"思远", "siyuan"}},
			surnames: []name{{"王", "wang"}, {"欧阳", "ouyang"}, {"李", "li"}, {"张", "zhang"}},
		},
		{
			city: "京都", country: "JP", language: "ja-JP", office: "烏丸", dial: "+81", surnameFirst: true, joint: "\u3000",
			given:    []name{{"さくら", "sakura"}, {"健太郎", "kentaro"}, {"ジュン", "jun"}},
			surnames: []name{{"佐藤", "sato"}, {"渡邉", "watanabe"}, {"小鳥遊", "takanashi"}},
		},
		{
			city: "पुणे", country: "IN", language: "hi-IN", office: "शिवाजीनगर", dial: "+91",
			given:    []name{{"प्रिया", "priya"}, {"अर्जुन", "arjun"}, {"लक्ष्मी", "lakshmi"}},
			surnames: []name{{"शर्मा", "sharma"}, {"कुलकर्णी", "kulkarni"}, {"श्रीवास्तव", "shrivastava"}},
		},
		{
			city: "서울", country: "KR", language: "ko-KR", office: "강남", dial: "+82", surnameFirst: true,
			given:    []name{{"민준", "minjun"}, {"서연", "seoyeon"}, {"지우", "jiwoo"}},
			surnames: []name{{"김", "kim"}, {"이", "lee"}, {"남궁", "namgung"}},
		},
	}
}
